//! What is said of one endpoint: what it takes, what it answers. `assemble` makes the
//! document of it.
//!
//! **Owns** the vocabulary of descriptions. Each family describes its own operations, in a `documentation` module beside
//! its endpoints, by one exhaustive match: an endpoint without a description does not compile.

use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::endpoint::Authentication;

/// What an operation belongs to; a chapter of the page.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Tag {
    /// Asking whether a token is good.
    Validation,
    /// Questions of reverse proxies.
    ForwardAuth,
    /// What origins behind the gateway need.
    Gateway,
    /// OAuth endpoints.
    OAuth,
    /// The installation as a whole.
    Instance,
    Identities,
    /// Token Auth: configurations and tokens.
    TokenAuth,
    /// Universal Auth: configurations, client secrets, logins.
    UniversalAuth,
    /// What the holder of a token does with it.
    Tokens,
    OrganizationRoles,
    /// Projects and environments.
    Projects,
    ProjectRoles,
    /// Identities in projects.
    ProjectMemberships,
    /// Protected routes.
    Routes,
    /// The operator's console.
    Console,
}

impl Tag {
    /// Every tag, in the order of the page, with what it is about.
    pub const ALL: [(Self, &str); 15] = [
        (Self::Validation, "The data plane: is this token good, and whose is it?"),
        (Self::ForwardAuth, "Reverse proxies ask here, for each request they receive, whether they may pass it on."),
        (
            Self::Gateway,
            "What origins need that the gateway sends requests to. Requests to them are those of no path here.",
        ),
        (Self::OAuth, "Introspection and revocation as OAuth clients know them."),
        (Self::Instance, "The installation as a whole: its beginning, its state, its description."),
        (Self::Identities, "Machine identities of an organization, and finding them."),
        (Self::TokenAuth, "Token Auth: the configuration on an identity, and the tokens that were made with it."),
        (Self::UniversalAuth, "Universal Auth: client ids, client secrets, and logging in with them."),
        (Self::Tokens, "Renewal and revocation by whoever holds the token."),
        (Self::OrganizationRoles, "Custom roles of an organization."),
        (Self::Projects, "Projects and their environments."),
        (Self::ProjectRoles, "Roles of a project."),
        (Self::ProjectMemberships, "Identities in projects, for good or for a time."),
        (Self::Routes, "Protected routes: which requests belong to a project, and where they are sent."),
        (Self::Console, "Signing operators in to the console, and who they are."),
    ];

    /// Its name in the document.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Validation => "Validation",
            Self::ForwardAuth => "Forward Auth",
            Self::Gateway => "Gateway",
            Self::OAuth => "OAuth",
            Self::Instance => "Instance",
            Self::Identities => "Identities",
            Self::TokenAuth => "Token Auth",
            Self::UniversalAuth => "Universal Auth",
            Self::Tokens => "Tokens",
            Self::OrganizationRoles => "Organization Roles",
            Self::Projects => "Projects",
            Self::ProjectRoles => "Project Roles",
            Self::ProjectMemberships => "Project Memberships",
            Self::Routes => "Routes",
            Self::Console => "Console",
        }
    }
}

/// Writes the schema of a type down.
pub type Shape = fn(&mut SchemaGenerator) -> Schema;

/// A body or a query.
#[derive(Clone, Copy, Debug)]
pub struct DescribedInput {
    /// A reference to the schema, which becomes a component.
    pub reference: Shape,
    /// The schema itself.
    pub schema: Shape,
}

/// The description of one operation.
#[derive(Clone, Debug)]
pub struct Description {
    /// Its chapter.
    pub tag: Tag,
    /// What it does, in one line.
    pub summary: &'static str,
    /// What else is worth knowing.
    pub details: &'static str,
    pub query: Option<DescribedInput>,
    pub body: Option<DescribedInput>,
    /// Whether the body has to be a form.
    pub body_is_form: bool,
    /// The body of its success.
    pub answer: Answer,
    /// Headers of its own that it needs: name, what it says, and an example.
    pub headers: &'static [(&'static str, &'static str, &'static str)],
    /// Whether a success has an `ETag`.
    pub is_tagged: bool,
    /// Whether `If-Match` is looked at.
    pub takes_if_match: bool,
    /// Whether `Idempotency-Key` is looked at.
    pub takes_idempotency_key: bool,
    /// Whether `:projectId` is a slug.
    pub names_project_by_slug: bool,
    /// Whether something that the body or the query names can be missing: 404 without a parameter in the path.
    pub can_miss: bool,
    /// Whether something that is there can be in its way: 409.
    pub can_conflict: bool,
}

/// The body of a success.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    /// JSON of this shape.
    Json(Shape),
    /// Text of this media type.
    Text(&'static str),
    /// JSON that is described elsewhere.
    AnyJson,
    /// Nothing: the headers say it all.
    Nothing,
}

impl Description {
    /// An operation that takes nothing and answers with this type.
    pub fn new<Success: JsonSchema>(tag: Tag, summary: &'static str) -> Self {
        Self::answering(Answer::Json(|generator| generator.subschema_for::<Success>()), tag, summary)
    }

    /// An operation that takes nothing.
    pub const fn answering(answer: Answer, tag: Tag, summary: &'static str) -> Self {
        Self {
            tag,
            summary,
            details: "",
            query: None,
            body: None,
            body_is_form: false,
            answer,
            headers: &[],
            is_tagged: false,
            takes_if_match: false,
            takes_idempotency_key: false,
            names_project_by_slug: false,
            can_miss: false,
            can_conflict: false,
        }
    }

    /// With more to know.
    pub fn details(self, details: &'static str) -> Self {
        Self { details, ..self }
    }

    /// With a body of this type.
    pub fn takes<Body: JsonSchema>(self) -> Self {
        Self { body: Some(input::<Body>()), ..self }
    }

    /// With a form of this type.
    pub fn takes_form<Body: JsonSchema>(self) -> Self {
        Self { body_is_form: true, ..self.takes::<Body>() }
    }

    /// With a query of this type.
    pub fn asks<Query: JsonSchema>(self) -> Self {
        Self { query: Some(input::<Query>()), ..self }
    }

    /// A success has an `ETag`.
    pub fn tagged(self) -> Self {
        Self { is_tagged: true, ..self }
    }

    /// `If-Match` is looked at.
    pub fn conditional(self) -> Self {
        Self { takes_if_match: true, ..self }
    }

    /// `Idempotency-Key` is looked at.
    pub fn at_most_once(self) -> Self {
        Self { takes_idempotency_key: true, ..self }
    }

    /// `:projectId` is a slug, if `truth`.
    pub fn by_slug(self, truth: bool) -> Self {
        Self { names_project_by_slug: truth, ..self }
    }

    /// Something that the body or the query names can be missing.
    pub fn can_miss(self) -> Self {
        Self { can_miss: true, ..self }
    }

    /// Something that is there can be in its way.
    pub fn can_conflict(self) -> Self {
        Self { can_conflict: true, ..self }
    }
}

fn input<T: JsonSchema>() -> DescribedInput {
    DescribedInput {
        reference: |generator| generator.subschema_for::<T>(),
        schema: |generator| T::json_schema(generator),
    }
}

/// One method on one path, with all that the document says about it.
#[derive(Clone, Debug)]
pub struct DescribedEndpoint {
    pub method: &'static str,
    /// The path, with `:name` for a parameter.
    pub path: &'static str,
    /// Its operation id: Infisical's, where there is one.
    pub id: String,
    /// What the caller must show.
    pub proof: Proof,
    /// In which form errors come.
    pub errors: Errors,
    /// What is said of the operation.
    pub description: Description,
    /// The permissions that it needs, each as a sentence.
    pub needs: Vec<String>,
}

/// What the caller of an endpoint must show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Proof {
    Nothing,
    /// An access token as bearer.
    Bearer,
    /// An access token as bearer, or a session in the console.
    BearerOrSession,
    ConsoleSession,
    /// What Cloudflare Access says of the caller.
    CloudflareAccess,
    /// A secret in the body, in a request of the console.
    ConsoleSignIn,
    /// `AUTH_SECRET` as bearer.
    AuthSecret,
    /// A secret in the body.
    InTheBody,
    /// Client credentials in a header or in the body, or an access token as bearer.
    ClientOrBearer,
    /// Client credentials in a header or in the body, or nothing.
    ClientOrNothing,
    /// The bearer of somebody else, and that the caller is a proxy of the operator.
    Proxy,
}

impl From<Option<Authentication>> for Proof {
    fn from(authentication: Option<Authentication>) -> Self {
        match authentication {
            None => Self::Nothing,
            Some(Authentication::AccessToken) => Self::BearerOrSession,
            Some(Authentication::ConsoleSession) => Self::ConsoleSession,
            Some(Authentication::CloudflareAccess) => Self::CloudflareAccess,
            Some(Authentication::ConsoleSignIn) => Self::ConsoleSignIn,
            Some(Authentication::AuthSecret) => Self::AuthSecret,
            Some(Authentication::PossessedToken | Authentication::ClientCredentials) => Self::InTheBody,
        }
    }
}

/// The two error surfaces.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Errors {
    /// Infisical's bodies; their statuses follow from the operation.
    Management,
    /// RFC 9457 problems with these statuses.
    Problem(&'static [u16]),
    /// OAuth errors with these statuses.
    OAuth(&'static [u16]),
}
