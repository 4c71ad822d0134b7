//! A world for the pipeline: an authority, a replica that lags, a change feed and a counter, each of which can fail, and
//! isolates that look at them.
//!
//! The authority numbers its changes and fills its feed as the Directory does. Nothing reaches the replica unless a test
//! says so.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::num::NonZeroU64;
use std::rc::Rc;

use crate::pipeline::request::{AdmissionRefusal, admit_request};
use crate::pipeline::{Accepted, Admitted, Examination, Isolate, TokenUse, admit, consume, peek, refresh};
use crate::ports::{Ports, Repair, Unavailable};
use crate::record;
use domain::gateway::policy::{PolicyFacts, RequestRole};
use domain::gateway::proxied_request::ProxiedRequest;
use domain::gateway::route::Route;
use domain::network::trusted_ips::TrustedIps;
use domain::permission::organization_role::BuiltInOrganizationRole;
use domain::token::access_token::{PresentedToken, TokenDigest};
use domain::token::evidence::{Changes, Evidence, EvidenceKey, Facts};
use domain::token::facts::{AuthMethod, AuthMethodFacts, IdentityFacts, TokenFacts};
use domain::token::refusal::Refusal;
use domain::token::secret::{AuthSecret, KeyRing, Purpose};
use domain::token::uses::{Consumption, UsesLimit};
use domain::value::identifiers::{
    AttemptId, AuthMethodConfigurationId, DirectoryId, IdentityId, OrganizationId, TokenId,
};
use domain::value::timestamp::{Seconds, Timestamp};

/// From where requests come unless a test says otherwise.
pub(super) const CLIENT: &str = "10.0.0.1";
/// An address outside the block that identities trust.
pub(super) const STRANGER: &str = "198.51.100.1";
/// What identities trust unless a test says otherwise.
pub(super) const HOME: &str = "10.0.0.0/8";

/// The organization of every identity.
pub(super) const ORGANIZATION: OrganizationId = OrganizationId::from_bytes([2; 16]);

/// Something that can fail.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Part {
    Replica,
    Feed,
    Authority,
    Counter,
}

/// What the authority knows.
#[derive(Clone)]
pub(super) struct State {
    pub(super) directory: DirectoryId,
    pub(super) head: u64,
    pub(super) tokens: BTreeMap<TokenId, TokenFacts>,
    pub(super) identities: BTreeMap<IdentityId, IdentityFacts>,
    pub(super) policies: BTreeMap<OrganizationId, PolicyFacts>,
    feed: BTreeMap<EvidenceKey, u64>,
}

/// What happens while answers of a part are on their way; of `None`, of any part. At the first of them or at each.
struct Interruption {
    part: Option<Part>,
    happen: Box<dyn FnMut()>,
    again: bool,
    came: bool,
}

/// Everything outside the isolate.
pub(super) struct World {
    pub(super) state: RefCell<State>,
    /// How many keys one answer of the feed names; beyond that it raises its floor.
    pub(super) feed_room: Cell<usize>,
    /// Whether each answer of the authority and its feed comes from yet another installation.
    pub(super) flapping: Cell<bool>,
    now: Cell<i64>,
    made: Cell<u32>,
    replica: RefCell<BTreeMap<EvidenceKey, String>>,
    used: RefCell<BTreeMap<TokenId, u64>>,
    down: RefCell<BTreeSet<Part>>,
    calls: RefCell<Vec<String>>,
    interruption: RefCell<Option<Interruption>>,
}

pub(super) fn replica_keys(fill: &str) -> KeyRing {
    KeyRing::new(Purpose::ReplicaRecord, &AuthSecret::new(&fill.repeat(32)).unwrap(), None)
}

impl World {
    pub(super) fn new() -> Rc<Self> {
        let state = State {
            directory: DirectoryId::from_bytes([1; 16]),
            head: 0,
            tokens: BTreeMap::new(),
            identities: BTreeMap::new(),
            policies: BTreeMap::new(),
            feed: BTreeMap::new(),
        };
        Rc::new(Self {
            state: RefCell::new(state),
            feed_room: Cell::new(usize::MAX),
            flapping: Cell::new(false),
            now: Cell::new(1_700_000_000_000),
            made: Cell::new(0),
            replica: RefCell::default(),
            used: RefCell::default(),
            down: RefCell::default(),
            calls: RefCell::default(),
            interruption: RefCell::new(None),
        })
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp::from_milliseconds(self.now.get())
    }

    pub(super) fn pass(&self, milliseconds: i64) {
        self.now.set(self.now.get() + milliseconds);
    }

    /// Bytes for an identifier that nothing else has.
    fn bytes(&self) -> [u8; 16] {
        self.made.set(self.made.get() + 1);
        let mut bytes = [0; 16];
        bytes[12..].copy_from_slice(&self.made.get().to_be_bytes());
        bytes
    }

    fn change(&self, narrows: Option<EvidenceKey>, edit: impl FnOnce(&mut State)) {
        let mut state = self.state.borrow_mut();
        state.head += 1;
        edit(&mut state);
        let head = state.head;
        state.feed.extend(narrows.map(|key| (key, head)));
    }

    /// An identity to which Token Auth is attached.
    pub(super) fn identity(&self) -> IdentityId {
        let id = IdentityId::from_bytes(self.bytes());
        let facts = IdentityFacts {
            id,
            name: "build".to_owned(),
            organization: ORGANIZATION,
            role: BuiltInOrganizationRole::NoAccess.into(),
            token_auth: None,
            universal_auth: None,
            projects: Vec::new(),
        };
        self.change(None, |state| drop(state.identities.insert(id, facts)));
        self.attach(id);
        id
    }

    pub(super) fn attach(&self, identity: IdentityId) {
        let configuration = AuthMethodConfigurationId::from_bytes(self.bytes());
        let trusted_ips = TrustedIps::parse([HOME]).unwrap();
        let revoked_client_secrets = Vec::new();
        let method = AuthMethodFacts { configuration, trusted_ips, revoked_client_secrets };
        self.edit_identity(identity, |facts| facts.token_auth = Some(method));
    }

    pub(super) fn detach(&self, identity: IdentityId) {
        self.edit_identity(identity, |facts| facts.token_auth = None);
        self.state.borrow_mut().tokens.retain(|_, token| token.identity != identity);
    }

    pub(super) fn trust(&self, identity: IdentityId, entry: &str) {
        let trusted_ips = TrustedIps::parse([entry]).unwrap();
        self.edit_identity(identity, |facts| facts.token_auth.as_mut().unwrap().trusted_ips = trusted_ips);
    }

    /// Another policy for the organization of every identity.
    pub(super) fn set_policy(&self, roles: Vec<RequestRole>, routes: Vec<Route>) {
        let policy = PolicyFacts::of_delegated_routes(ORGANIZATION, roles, routes);
        self.change(Some(EvidenceKey::Policy(ORGANIZATION)), |state| drop(state.policies.insert(ORGANIZATION, policy)));
    }

    pub(super) fn edit_identity(&self, identity: IdentityId, edit: impl FnOnce(&mut IdentityFacts)) {
        let key = EvidenceKey::Identity(identity);
        self.change(Some(key), |state| edit(state.identities.get_mut(&identity).unwrap()));
    }

    pub(super) fn delete(&self, identity: IdentityId) {
        self.change(Some(EvidenceKey::Identity(identity)), |state| {
            state.identities.remove(&identity);
            state.tokens.retain(|_, token| token.identity != identity);
        });
    }

    /// A token that never expires and may be used without limit.
    pub(super) fn token(&self, identity: IdentityId) -> TokenId {
        self.token_with(identity, None, 0)
    }

    /// A token that lives for some milliseconds and may be used `limit` times; 0 is no limit.
    pub(super) fn token_with(&self, identity: IdentityId, lives: Option<i64>, limit: u64) -> TokenId {
        let id = TokenId::from_bytes(self.bytes());
        let state = self.state.borrow();
        let method = state.identities[&identity].token_auth.as_ref().unwrap();
        let facts = TokenFacts {
            id,
            digest: presented(id).digest,
            identity,
            auth_method: AuthMethod::TokenAuth,
            configuration: method.configuration,
            client_secret: None,
            name: None,
            created: self.now(),
            expires: lives.map(|lives| Timestamp::from_milliseconds(self.now.get() + lives)),
            uses_limit: UsesLimit::from_wire(limit).unwrap(),
            revoked: false,
        };
        drop(state);
        self.change(None, |state| drop(state.tokens.insert(id, facts)));
        id
    }

    pub(super) fn revoke(&self, token: TokenId) {
        let key = EvidenceKey::Token(token);
        self.change(Some(key), |state| state.tokens.get_mut(&token).unwrap().revoked = true);
    }

    /// Makes a token live for some milliseconds from now on.
    pub(super) fn renew(&self, token: TokenId, lives: i64) {
        let expires = Timestamp::from_milliseconds(self.now.get() + lives);
        let key = EvidenceKey::Token(token);
        self.change(Some(key), |state| state.tokens.get_mut(&token).unwrap().expires = Some(expires));
    }

    /// A change that concerns nobody here.
    pub(super) fn change_something_else(&self) {
        let key = EvidenceKey::Identity(IdentityId::from_bytes([0xee; 16]));
        self.change(Some(key), |_| {});
    }

    /// Another installation of the authority takes over and knows what the former one knew. It numbers its changes
    /// from 1, and its feed begins there.
    pub(super) fn move_authority(&self) {
        let mut state = self.state.borrow_mut();
        state.directory = DirectoryId::from_bytes(self.bytes());
        state.head = 1;
        state.feed.clear();
    }

    /// Another installation takes over and knows nothing.
    pub(super) fn replace_authority(&self) {
        self.move_authority();
        let mut state = self.state.borrow_mut();
        state.tokens.clear();
        state.identities.clear();
    }

    /// The feed forgets its past, as it does after its retention.
    pub(super) fn forget_changes(&self) {
        self.state.borrow_mut().feed.clear();
    }

    /// What the authority knows of a key now.
    pub(super) fn evidence(&self, key: EvidenceKey) -> Evidence {
        let state = self.state.borrow();
        let facts = match key {
            EvidenceKey::Token(id) => Facts::Token(state.tokens.get(&id).cloned().map(Rc::new)),
            EvidenceKey::Identity(id) => Facts::Identity(state.identities.get(&id).cloned().map(Rc::new)),
            EvidenceKey::Policy(id) => Facts::Policy(state.policies.get(&id).cloned().map(Rc::new)),
        };
        Evidence {
            directory: self.installation(state.directory),
            sequence: state.head,
            asserted: self.now(),
            key,
            facts,
        }
    }

    fn installation(&self, directory: DirectoryId) -> DirectoryId {
        if self.flapping.get() { DirectoryId::from_bytes(self.bytes()) } else { directory }
    }

    /// Writes what the authority knows of a key now into the replica.
    pub(super) fn replicate(&self, key: EvidenceKey) {
        self.put(key, &record::seal(&self.evidence(key), &replica_keys("r")).unwrap());
    }

    /// Writes what the authority knows of a token and its identity now into the replica.
    pub(super) fn replicate_token(&self, token: TokenId) {
        let identity = self.state.borrow().tokens[&token].identity;
        self.replicate(EvidenceKey::Token(token));
        self.replicate(EvidenceKey::Identity(identity));
    }

    /// Writes any text into the replica.
    pub(super) fn put(&self, key: EvidenceKey, text: &str) {
        self.replica.borrow_mut().insert(key, text.to_owned());
    }

    /// The replica loses a key.
    pub(super) fn lose(&self, key: EvidenceKey) {
        self.replica.borrow_mut().remove(&key);
    }

    pub(super) fn fail(&self, part: Part) {
        self.down.borrow_mut().insert(part);
    }

    pub(super) fn recover(&self, part: Part) {
        self.down.borrow_mut().remove(&part);
    }

    pub(super) fn is_down(&self, part: Part) -> bool {
        self.down.borrow().contains(&part)
    }

    /// Does something while the next answer of `part` is on its way.
    pub(super) fn interrupt(&self, part: Part, happen: impl FnMut() + 'static) {
        let interruption = Interruption { part: Some(part), happen: Box::new(happen), again: false, came: false };
        *self.interruption.borrow_mut() = Some(interruption);
    }

    /// Does something while each answer is on its way, of whichever part.
    pub(super) fn disturb(&self, happen: impl FnMut() + 'static) {
        let interruption = Interruption { part: None, happen: Box::new(happen), again: true, came: false };
        *self.interruption.borrow_mut() = Some(interruption);
    }

    /// Takes an interruption back. Returns whether it came to pass.
    pub(super) fn calm(&self) -> bool {
        self.interruption.take().is_none_or(|interruption| interruption.came)
    }

    fn call(&self, part: Part, text: String) -> bool {
        self.calls.borrow_mut().push(text);
        !self.is_down(part)
    }

    fn answered(&self, part: Part) {
        // Taken out meanwhile: what happens asks too.
        let due = self.interruption.borrow_mut().take_if(|due| due.part.is_none_or(|awaited| awaited == part));
        if let Some(mut interruption) = due {
            (interruption.happen)();
            interruption.came = true;
            if interruption.again {
                *self.interruption.borrow_mut() = Some(interruption);
            }
        }
    }

    /// The calls since the last time.
    pub(super) fn calls(&self) -> Vec<String> {
        self.calls.take()
    }
}

fn kind(key: EvidenceKey) -> &'static str {
    match key {
        EvidenceKey::Token(_) => "token",
        EvidenceKey::Identity(_) => "identity",
        EvidenceKey::Policy(_) => "policy",
    }
}

impl Ports for World {
    async fn replica(&self, key: EvidenceKey) -> Result<Option<String>, Unavailable> {
        if !self.call(Part::Replica, format!("replica {}", kind(key))) {
            return Err(Unavailable::Replica);
        }
        let answer = self.replica.borrow().get(&key).cloned();
        self.answered(Part::Replica);
        Ok(answer)
    }

    async fn resolve(&self, key: EvidenceKey, repair: Repair) -> Result<Evidence, Unavailable> {
        let suffix = if repair == Repair::Wanted { " and repair" } else { "" };
        if !self.call(Part::Authority, format!("authority {}{suffix}", kind(key))) {
            return Err(Unavailable::Authority);
        }
        let answer = self.evidence(key);
        self.answered(Part::Authority);
        Ok(answer)
    }

    async fn changes(&self, since: u64) -> Result<Changes, Unavailable> {
        if !self.call(Part::Feed, "feed".to_owned()) {
            return Err(Unavailable::Authority);
        }
        let answer = {
            let state = self.state.borrow();
            let mut newest: Vec<_> = state.feed.iter().map(|(key, sequence)| (*key, *sequence)).collect();
            newest.retain(|(_, sequence)| *sequence > since);
            newest.sort_by_key(|(_, sequence)| std::cmp::Reverse(*sequence));
            let floor = newest.get(self.feed_room.get()).map_or(0, |(_, sequence)| *sequence);
            newest.truncate(self.feed_room.get());
            let directory = self.installation(state.directory);
            Changes { directory, head: state.head, floor, required: newest }
        };
        self.answered(Part::Feed);
        Ok(answer)
    }

    async fn consume(
        &self,
        token: TokenId,
        limit: NonZeroU64,
        _attempt: AttemptId,
        _now: Timestamp,
    ) -> Result<Consumption, Unavailable> {
        if !self.call(Part::Counter, "counter".to_owned()) {
            return Err(Unavailable::Counter);
        }
        let mut used = self.used.borrow_mut();
        let count = used.entry(token).or_default();
        if *count == limit.get() {
            return Ok(Consumption::Exhausted);
        }
        *count += 1;
        Ok(Consumption::Granted { remaining: limit.get() - *count })
    }

    async fn uses(&self, token: TokenId) -> Result<u64, Unavailable> {
        if !self.call(Part::Counter, "count".to_owned()) {
            return Err(Unavailable::Counter);
        }
        Ok(self.used.borrow().get(&token).copied().unwrap_or_default())
    }
}

/// What presenting a token's right secret looks like.
pub(super) fn presented(token: TokenId) -> PresentedToken {
    let mut digest = [0; 32];
    digest[..16].copy_from_slice(token.as_bytes());
    PresentedToken { id: token, digest: TokenDigest::from_bytes(digest) }
}

/// What became of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    Yes,
    /// With the refusal's code.
    No(&'static str),
    Unknown(Unavailable),
}

impl Verdict {
    fn of<T>(outcome: &Result<Result<T, Refusal>, Unavailable>) -> Self {
        match outcome {
            Ok(Ok(_)) => Self::Yes,
            Ok(Err(refusal)) => Self::No(refusal.code()),
            Err(unavailable) => Self::Unknown(*unavailable),
        }
    }
}

/// One isolate in a world.
pub(super) struct Edge {
    pub(super) world: Rc<World>,
    pub(super) isolate: Rc<RefCell<Isolate>>,
}

impl Edge {
    /// An isolate that knows nothing yet, with `MAX_STALENESS_SECONDS`.
    pub(super) fn new(world: &Rc<World>, bound: u64) -> Self {
        Self { world: Rc::clone(world), isolate: Rc::new(RefCell::new(Isolate::new(Seconds::new(bound)))) }
    }

    fn token_use(&self, token: PresentedToken, client: &str) -> TokenUse {
        TokenUse { token, client: Some(client.parse::<IpAddr>().unwrap()), now: self.world.now() }
    }

    /// Looks at the isolate's memory and nowhere else.
    pub(super) fn examine(&self, token: TokenId) -> Examination {
        let mut isolate = self.isolate.borrow_mut();
        let mut grounds = isolate.begin();
        isolate.examine(&self.token_use(presented(token), CLIENT), &mut grounds)
    }

    /// A request, up to and without consuming a use.
    pub(super) fn ask(&self, token: TokenId) -> Verdict {
        self.ask_as(presented(token), CLIENT)
    }

    pub(super) fn ask_as(&self, token: PresentedToken, client: &str) -> Verdict {
        Verdict::of(&self.admit(token, client))
    }

    /// A proxied request, up to and without consuming a use.
    pub(super) fn request(&self, token: TokenId, request: &ProxiedRequest) -> Verdict {
        let token_use = self.token_use(presented(token), CLIENT);
        let outcome =
            pollster::block_on(admit_request(&self.isolate, &*self.world, &replica_keys("r"), &token_use, request));
        match &outcome {
            Ok(Ok(_)) => Verdict::Yes,
            Ok(Err(refusal)) => Verdict::No(AdmissionRefusal::code(refusal)),
            Err(unavailable) => Verdict::Unknown(*unavailable),
        }
    }

    /// A request that consumes a use when every check has passed; `request` is `None` when it takes no route.
    pub(super) fn use_up(&self, token: PresentedToken, client: &str, request: Option<&ProxiedRequest>) -> Verdict {
        let token_use = self.token_use(token, client);
        let keys = replica_keys("r");
        let admitted = match request {
            Some(request) => {
                let asked = admit_request(&self.isolate, &*self.world, &keys, &token_use, request);
                match pollster::block_on(asked) {
                    Ok(Ok(admitted)) => admitted.admitted,
                    Ok(Err(refusal)) => return Verdict::No(refusal.code()),
                    Err(unavailable) => return Verdict::Unknown(unavailable),
                }
            }
            None => match pollster::block_on(admit(&self.isolate, &*self.world, &keys, &token_use)) {
                Ok(Ok(admitted)) => admitted,
                outcome => return Verdict::of(&outcome),
            },
        };
        let attempt = AttemptId::from_bytes([1; 16]);
        Verdict::of(&pollster::block_on(consume(&self.isolate, &*self.world, admitted, attempt, self.world.now())))
    }

    fn admit(&self, token: PresentedToken, client: &str) -> Result<Result<Admitted, Refusal>, Unavailable> {
        let token_use = self.token_use(token, client);
        pollster::block_on(admit(&self.isolate, &*self.world, &replica_keys("r"), &token_use))
    }

    /// A request that consumes a use, and how many are left after it.
    pub(super) fn consume(&self, token: TokenId) -> (Verdict, Option<u64>) {
        self.consume_from(token, CLIENT)
    }

    pub(super) fn consume_from(&self, token: TokenId, client: &str) -> (Verdict, Option<u64>) {
        let admitted = match self.admit(presented(token), client) {
            Ok(Ok(admitted)) => admitted,
            outcome => return (Verdict::of(&outcome), None),
        };
        let attempt = AttemptId::from_bytes([1; 16]);
        let outcome = pollster::block_on(consume(&self.isolate, &*self.world, admitted, attempt, self.world.now()));
        let remaining = match &outcome {
            Ok(Ok(Accepted { uses_remaining, .. })) => *uses_remaining,
            Ok(Err(_)) | Err(_) => None,
        };
        (Verdict::of(&outcome), remaining)
    }

    /// Admits a token and looks how many uses are left.
    pub(super) fn peek(&self, token: TokenId) -> (Verdict, Option<u64>) {
        let admitted = match self.admit(presented(token), CLIENT) {
            Ok(Ok(admitted)) => admitted,
            outcome => return (Verdict::of(&outcome), None),
        };
        let outcome = pollster::block_on(peek(&self.isolate, &*self.world, &admitted.token));
        (Verdict::of(&outcome), outcome.ok().and_then(Result::ok).flatten())
    }

    /// Asks the feed in the background if it is time to, as the edge does after each request.
    pub(super) fn refresh_if_wanted(&self) {
        if self.isolate.borrow().wants_refresh(self.world.now()) {
            let _ = pollster::block_on(refresh(&self.isolate, &*self.world, self.world.now()));
        }
    }
}
