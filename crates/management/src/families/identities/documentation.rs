//! What the document says of identities.

use super::Identities;
use super::bodies::{CreateIdentityRequest, ListIdentitiesQuery, UpdateIdentityRequest};
use super::views::{
    IdentityAnswer, IdentityDetailsAnswer, IdentityListAnswer, IdentityMembershipAnswer, SubOrganizationListAnswer,
};
use crate::families::in_force::InForce;
use crate::openapi::describe::{Description, Tag};

/// What the document says of an endpoint.
pub fn description(endpoint: Identities) -> Description {
    match endpoint {
        Identities::CreateIdentity => Description::new::<IdentityAnswer<'_>>(Tag::Identities, "Create an identity").details("An identity begins without an authentication method: attach one before it can have tokens. Its role is the slug of a built-in or custom role of the organization.")
            .takes::<CreateIdentityRequest>()
            .at_most_once()
            .can_miss(),
        Identities::ListIdentities => Description::new::<IdentityListAnswer<'_>>(Tag::Identities, "List the identities of an organization").details("By name. Each comes with its role and its authentication methods, without its metadata.")
            .asks::<ListIdentitiesQuery>(),
        Identities::GetIdentity => Description::new::<IdentityMembershipAnswer<'_>>(Tag::Identities, "Get an identity").details("With its role, its metadata, and which of its authentication methods failed logins lock at the moment.").tagged(),
        Identities::UpdateIdentity => Description::new::<IdentityAnswer<'_>>(Tag::Identities, "Change an identity").details("What is left out stays. `metadata` replaces all entries. A new role holds for tokens that exist.")
            .takes::<UpdateIdentityRequest>()
            .tagged()
            .conditional(),
        Identities::DeleteIdentity => Description::new::<InForce<IdentityAnswer<'_>>>(Tag::Identities, "Delete an identity with all its tokens").details("Refused while it has delete protection, and for the last administrator of the organization.").conditional(),
        Identities::GetIdentityDetails => Description::new::<IdentityDetailsAnswer<'_>>(Tag::Identities, "Get the organization of the caller").details("Every token may ask. Clients take it for the light way to see whether a token is good."),
        Identities::ListSubOrganizations => Description::new::<SubOrganizationListAnswer>(Tag::Identities, "List the organizations below the caller's: there are none").details("Always empty. Infisical's Terraform provider asks for them."),
    }
}
