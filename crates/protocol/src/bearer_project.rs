//! A project as an answer about a token shows it, at `/validate` and at introspection.

use serde::Serialize;

use domain::token::facts::{HeldProjectRole, IdentityFacts, ProjectMembershipFacts};
use domain::value::timestamp::Timestamp;

/// The most projects that an answer about a token lists. Whoever may add identities to projects chooses how many there
/// are.
pub const MOST_PROJECTS_SHOWN: usize = 100;

/// A project as an answer about a token shows it.
#[derive(Serialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema), schemars(rename = "ProjectOfBearer"))]
pub struct BearerProject<'a> {
    id: String,
    slug: &'a str,
    roles: Vec<&'a str>,
}

impl<'a> BearerProject<'a> {
    /// As many of an identity's projects as an answer shows, with the roles that hold at `now`.
    pub fn shown_of(identity: &'a IdentityFacts, now: Timestamp) -> Vec<Self> {
        identity.projects.iter().take(MOST_PROJECTS_SHOWN).map(|membership| Self::new(membership, now)).collect()
    }

    /// The project with the roles that hold at `now`.
    fn new(membership: &'a ProjectMembershipFacts, now: Timestamp) -> Self {
        Self {
            id: membership.project.to_string(),
            slug: &membership.slug,
            roles: membership.roles_at(now).map(HeldProjectRole::slug).collect(),
        }
    }
}
