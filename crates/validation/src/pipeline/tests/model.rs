//! Random histories against a reference model: whatever happens in whatever order, no acceptance contradicts what the
//! authority said longer ago than the bound, and no refusal contradicts what it says now.

use std::rc::Rc;

use proptest::prelude::*;

use domain::token::evidence::EvidenceKey;
use domain::token::lifetime::has_expired;
use domain::value::identifiers::{IdentityId, TokenId};
use domain::value::timestamp::Timestamp;

use super::world::{CLIENT, Edge, HOME, Part, STRANGER, State, Verdict, World, presented};

/// How long the authority's own "no" is repeated, in milliseconds: the one excuse for a "no" that it would not repeat.
const NEGATIVE_MEMORY: i64 = 3_000;

/// One thing that happens. The numbers choose among what there is at that moment.
#[derive(Clone, Debug)]
enum Step {
    Pass(i64),
    /// Time passes until just before, just at or just after something ends: a token, or the bound after a change.
    PassToAnEnd {
        choice: usize,
        offset: i64,
    },
    CreateToken {
        identity: usize,
        lives: Option<i64>,
    },
    Renew {
        token: usize,
        lives: i64,
    },
    Revoke {
        token: usize,
    },
    Trust {
        identity: usize,
        home: bool,
    },
    AttachAgain {
        identity: usize,
    },
    Delete {
        identity: usize,
    },
    Replicate {
        key: usize,
    },
    Lose {
        key: usize,
    },
    MoveAuthority,
    Fail(Part),
    Recover,
    Refresh {
        isolate: usize,
    },
    /// A command went through the isolate.
    OwnChange {
        isolate: usize,
    },
    /// A request for each of the newest tokens.
    AskForAll {
        isolate: usize,
    },
    Ask {
        isolate: usize,
        token: usize,
        client: &'static str,
        /// What happens while an answer of a part is on its way, or each answer of any part.
        meanwhile: Option<(Option<Part>, Meanwhile)>,
    },
}

#[derive(Clone, Copy, Debug)]
enum Meanwhile {
    Revoke { token: usize, own: bool },
    Trust { identity: usize, home: bool, own: bool },
    Renew { token: usize, own: bool },
    Refresh,
}

impl Meanwhile {
    /// Whether it went through the isolate that waits for the answer.
    fn is_own(self) -> bool {
        matches!(self, Self::Revoke { own: true, .. } | Self::Trust { own: true, .. } | Self::Renew { own: true, .. })
    }
}

fn any_step() -> impl Strategy<Value = Step> {
    let lives = prop_oneof![Just(1i64), Just(500), Just(2_000), Just(8_000), Just(30_000)];
    let milliseconds =
        prop_oneof![1i64..5, 400i64..600, 900i64..1_100, 1_990i64..2_010, 2_990i64..3_010, 9_990i64..10_010];
    let client = prop_oneof![4 => Just(CLIENT), 1 => Just(STRANGER)];
    prop_oneof![
        5 => milliseconds.prop_map(Step::Pass),
        8 => (any::<usize>(), -1i64..=1).prop_map(|(choice, offset)| Step::PassToAnEnd { choice, offset }),
        2 => (any::<usize>(), proptest::option::of(lives.clone()))
            .prop_map(|(identity, lives)| Step::CreateToken { identity, lives }),
        4 => (any::<usize>(), lives).prop_map(|(token, lives)| Step::Renew { token, lives }),
        1 => any::<usize>().prop_map(|token| Step::Revoke { token }),
        4 => (any::<usize>(), any::<bool>()).prop_map(|(identity, home)| Step::Trust { identity, home }),
        1 => any::<usize>().prop_map(|identity| Step::AttachAgain { identity }),
        1 => any::<usize>().prop_map(|identity| Step::Delete { identity }),
        6 => any::<usize>().prop_map(|key| Step::Replicate { key }),
        1 => any::<usize>().prop_map(|key| Step::Lose { key }),
        2 => Just(Step::MoveAuthority),
        1 => prop_oneof![Just(Part::Replica), Just(Part::Feed), Just(Part::Authority)].prop_map(Step::Fail),
        8 => Just(Step::Recover),
        2 => (0usize..2).prop_map(|isolate| Step::Refresh { isolate }),
        1 => (0usize..2).prop_map(|isolate| Step::OwnChange { isolate }),
        8 => (0usize..2).prop_map(|isolate| Step::AskForAll { isolate }),
        16 => (0usize..2, any::<usize>(), client, proptest::option::weighted(0.2, any_meanwhile()))
            .prop_map(|(isolate, token, client, meanwhile)| Step::Ask { isolate, token, client, meanwhile }),
    ]
}

fn any_meanwhile() -> impl Strategy<Value = (Option<Part>, Meanwhile)> {
    let part = proptest::sample::select(vec![None, Some(Part::Replica), Some(Part::Feed), Some(Part::Authority)]);
    let meanwhile = prop_oneof![
        (any::<usize>(), any::<bool>()).prop_map(|(token, own)| Meanwhile::Revoke { token, own }),
        (any::<usize>(), any::<bool>(), any::<bool>()).prop_map(|(identity, home, own)| Meanwhile::Trust {
            identity,
            home,
            own
        }),
        (any::<usize>(), any::<bool>()).prop_map(|(token, own)| Meanwhile::Renew { token, own }),
        Just(Meanwhile::Refresh),
    ];
    (part, meanwhile)
}

/// Everything the authority ever said, with the time from which on it said so.
struct History(Vec<(Timestamp, State)>);

impl History {
    fn newest(&self) -> &State {
        &self.0.last().unwrap().1
    }

    /// What the authority said at some moment of the last `milliseconds`, both ends included, and not before the state
    /// with the number `first`.
    fn within(&self, milliseconds: i64, now: Timestamp, first: usize) -> impl Iterator<Item = &State> {
        let since = now.milliseconds() - milliseconds;
        let replaced = self.0.iter().skip(1).map(|(at, _)| Some(at.milliseconds())).chain([None]);
        self.0
            .iter()
            .zip(replaced)
            .skip(first)
            .filter(move |(_, replaced)| replaced.is_none_or(|at| at >= since))
            .map(|((_, state), _)| state)
    }
}

/// Whether the authority's state lets the token live at `now`.
fn token_lives(state: &State, token: TokenId, now: Timestamp) -> bool {
    state.tokens.get(&token).is_some_and(|token| !token.revoked && !has_expired(token.expires, now))
}

/// Whether the authority's state knows the token's identity and the attachment under which the token was created.
fn method_stands(state: &State, original: &State, token: TokenId) -> bool {
    let token = &original.tokens[&token];
    let method = state.identities.get(&token.identity).and_then(|identity| identity.token_auth.as_ref());
    method.is_some_and(|method| method.configuration == token.configuration)
}

/// Whether the authority's state lets the token's identity be used from `client`.
fn client_trusted(state: &State, original: &State, token: TokenId, client: &str) -> bool {
    let identity = &state.identities[&original.tokens[&token].identity];
    identity.token_auth.as_ref().unwrap().trusted_ips.trust(Some(client.parse().unwrap()))
}

/// The run of one history.
struct Run {
    world: Rc<World>,
    isolates: [Edge; 2],
    bound: i64,
    history: History,
    /// For each isolate the number of the state that it must show since its own last change.
    own: [usize; 2],
    /// Every token that ever was, as it was created.
    originals: State,
    tokens: Vec<TokenId>,
    identities: Vec<IdentityId>,
    /// When something ends that has not ended yet, in milliseconds.
    ends: Vec<i64>,
}

impl Run {
    fn new(bound: u64, feed_room: usize) -> Self {
        let world = World::new();
        world.feed_room.set(feed_room);
        let identities = vec![world.identity(), world.identity()];
        let state = world.state.borrow().clone();
        let mut run = Self {
            isolates: [Edge::new(&world, bound), Edge::new(&world, bound)],
            bound: i64::try_from(bound).unwrap() * 1_000,
            history: History(vec![(world.now(), state.clone())]),
            own: [0; 2],
            originals: state,
            tokens: Vec::new(),
            identities,
            ends: Vec::new(),
            world,
        };
        for identity in 0..2 {
            run.step(&Step::CreateToken { identity, lives: Some(12_000) }).unwrap();
        }
        run
    }

    /// One of the newest keys.
    fn key(&self, choice: usize) -> EvidenceKey {
        let tokens = self.tokens.iter().rev().take(3).map(|token| EvidenceKey::Token(*token));
        let identities = self.identities.iter().rev().take(2).map(|identity| EvidenceKey::Identity(*identity));
        let keys: Vec<EvidenceKey> = tokens.chain(identities).collect();
        keys[choice % keys.len()]
    }

    fn step(&mut self, step: &Step) -> Result<(), TestCaseError> {
        let now = self.world.now();
        // The newest ones, so that things happen to the same token again and again.
        let token = |choice: usize| self.tokens[self.tokens.len() - 1 - choice % self.tokens.len().min(3)];
        let identity =
            |choice: usize| self.identities[self.identities.len() - 1 - choice % self.identities.len().min(2)];
        let known = |identity: IdentityId| self.history.newest().identities.contains_key(&identity);
        match *step {
            Step::Pass(milliseconds) => self.world.pass(milliseconds),
            Step::PassToAnEnd { choice, offset } => {
                // One of the next ends: time is not to run past all others.
                self.ends.retain(|end| end + offset > now.milliseconds());
                self.ends.sort_unstable();
                if !self.ends.is_empty() {
                    let end = self.ends[choice % self.ends.len().min(3)];
                    self.world.pass(end + offset - now.milliseconds());
                }
            }
            Step::CreateToken { identity: choice, lives } => {
                if known(identity(choice)) {
                    let token = self.world.token_with(identity(choice), lives, 0);
                    self.ends.extend(lives.map(|lives| now.milliseconds() + lives));
                    self.originals.tokens.insert(token, self.world.state.borrow().tokens[&token].clone());
                    self.tokens.push(token);
                }
            }
            Step::Renew { token: choice, lives } => {
                // As the authority does: only a live token, and never to an earlier end.
                let (token, state) = (token(choice), self.history.newest());
                let expires = state.tokens.get(&token).and_then(|token| token.expires);
                if token_lives(state, token, now)
                    && expires.is_some_and(|at| at.milliseconds() < now.milliseconds() + lives)
                {
                    self.world.renew(token, lives);
                    self.ends.push(now.milliseconds() + lives);
                }
            }
            Step::Revoke { token: choice } => {
                if self.history.newest().tokens.contains_key(&token(choice)) {
                    self.world.revoke(token(choice));
                }
            }
            Step::Trust { identity: choice, home } => {
                if known(identity(choice)) {
                    self.world.trust(identity(choice), if home { HOME } else { STRANGER });
                }
            }
            Step::AttachAgain { identity: choice } => {
                if known(identity(choice)) {
                    self.world.detach(identity(choice));
                    self.world.attach(identity(choice));
                }
            }
            Step::Delete { identity: choice } => {
                if known(identity(choice)) {
                    self.world.delete(identity(choice));
                    self.identities.push(self.world.identity());
                }
            }
            Step::Replicate { key } => self.world.replicate(self.key(key)),
            Step::Lose { key } => self.world.lose(self.key(key)),
            Step::MoveAuthority => self.world.move_authority(),
            Step::Fail(part) => self.world.fail(part),
            Step::Recover => {
                for part in [Part::Replica, Part::Feed, Part::Authority] {
                    self.world.recover(part);
                }
            }
            Step::Refresh { isolate } => self.isolates[isolate].refresh_if_wanted(),
            Step::OwnChange { isolate } => {
                self.isolates[isolate].isolate.borrow_mut().expect_changes();
                self.own[isolate] = self.history.0.len() - 1;
            }
            Step::AskForAll { isolate } => {
                for token in self.tokens.clone().into_iter().rev().take(3) {
                    self.ask(isolate, token, CLIENT, None)?;
                }
            }
            Step::Ask { isolate, token: choice, client, meanwhile } => {
                let token = token(choice);
                if let Some((part, meanwhile)) = meanwhile {
                    self.arrange(isolate, part, meanwhile);
                }
                return self.ask(isolate, token, client, meanwhile);
            }
        }
        self.note_state();
        Ok(())
    }

    /// Adds the authority's state to the history if it is another one than before.
    fn note_state(&mut self) {
        let state = self.world.state.borrow().clone();
        let known = self.history.newest();
        if (state.directory, state.head) != (known.directory, known.head) {
            let now = self.world.now();
            self.ends.push(now.milliseconds() + self.bound);
            self.history.0.push((now, state));
        }
    }

    /// Makes something happen while the next answer of `part`, or each answer, is on its way to an isolate.
    fn arrange(&self, isolate: usize, part: Option<Part>, meanwhile: Meanwhile) {
        let Edge { world, isolate } = &self.isolates[isolate];
        let edge = Edge { world: Rc::clone(world), isolate: Rc::clone(isolate) };
        let (tokens, identities) = (self.tokens.clone(), self.identities.clone());
        let happen = move || {
            let world = &edge.world;
            match meanwhile {
                Meanwhile::Revoke { token, .. } => {
                    let token = tokens[tokens.len() - 1 - token % tokens.len().min(3)];
                    if world.state.borrow().tokens.contains_key(&token) {
                        world.revoke(token);
                    }
                }
                Meanwhile::Trust { identity, home, .. } => {
                    let identity = identities[identities.len() - 1 - identity % identities.len().min(2)];
                    if world.state.borrow().identities.contains_key(&identity) {
                        world.trust(identity, if home { HOME } else { STRANGER });
                    }
                }
                Meanwhile::Renew { token, .. } => {
                    let token = tokens[tokens.len() - 1 - token % tokens.len().min(3)];
                    // As the authority does: only a live token that ends.
                    let ends = world.state.borrow().tokens.get(&token).is_some_and(|facts| facts.expires.is_some());
                    if ends && token_lives(&world.state.borrow(), token, world.now()) {
                        world.renew(token, 30_000);
                    }
                }
                Meanwhile::Refresh => edge.refresh_if_wanted(),
            }
            if meanwhile.is_own() {
                edge.isolate.borrow_mut().expect_changes();
            }
        };
        match part {
            Some(part) => world.interrupt(part, happen),
            None => world.disturb(happen),
        }
    }

    fn ask(
        &mut self,
        isolate: usize,
        token: TokenId,
        client: &str,
        meanwhile: Option<(Option<Part>, Meanwhile)>,
    ) -> Result<(), TestCaseError> {
        let (now, own, before) = (self.world.now(), self.own[isolate], self.history.0.len() - 1);
        let verdict = self.isolates[isolate].ask_as(presented(token), client);
        let happened = self.world.calm();
        self.note_state();
        if happened && meanwhile.is_some_and(|(_, meanwhile)| meanwhile.is_own()) {
            self.own[isolate] = self.history.0.len() - 1;
        }
        let trusted = |state: &State| {
            method_stands(state, &self.originals, token) && client_trusted(state, &self.originals, token, client)
        };
        match verdict {
            Verdict::Yes => {
                let lived = self.history.within(self.bound, now, own).any(|state| token_lives(state, token, now));
                prop_assert!(lived, "the token had ended for longer than the bound");
                let was_trusted = self.history.within(self.bound, now, own).any(trusted);
                prop_assert!(was_trusted, "the identity had refused for longer than the bound");
            }
            Verdict::No(code) => {
                // What it said when the request started, or what it came to say while the request was answered.
                let refused_now = self.history.0[before..]
                    .iter()
                    .any(|(_, state)| !token_lives(state, token, now) || !trusted(state));
                // What the authority said a moment ago may be repeated if the feed could not yet say otherwise, but only
                // of this token: a token that is new or renewed works at once.
                let refused_a_moment_ago = code == "client_ip_not_trusted"
                    && self.history.within(self.bound.min(NEGATIVE_MEMORY), now, own).any(|state| {
                        state.tokens.contains_key(&token)
                            && method_stands(state, &self.originals, token)
                            && !client_trusted(state, &self.originals, token, client)
                    });
                prop_assert!(refused_now || refused_a_moment_ago, "refused as {code}, and the authority accepts it");
            }
            Verdict::Unknown(_) => {
                let excused = self.world.is_down(Part::Feed) || self.world.is_down(Part::Authority);
                prop_assert!(excused, "everything that is needed could be reached");
            }
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_history_makes_an_isolate_contradict_the_authority(
        bound in prop_oneof![Just(0u64), Just(1), Just(2), Just(10)],
        feed_room in prop_oneof![Just(usize::MAX), Just(0), Just(1)],
        steps in proptest::collection::vec(any_step(), 1..120),
    ) {
        let mut run = Run::new(bound, feed_room);
        for step in &steps {
            run.step(step)?;
        }
    }
}
