//! The paths of memberships changed over the years, and with them some answers.

/// Which of the vendor's families of paths: they differ in paging and in what they answer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Generation {
    /// `…/identity-memberships`, which Terraform uses.
    Deprecated,
    /// `…/memberships/identities`.
    Current,
}
