//! The OAuth endpoints: introspection (RFC 7662), revocation (RFC 7009) and their metadata (RFC 8414).
//!
//! There is no authorization endpoint and no token endpoint: tokens are created by operators or obtained by Universal Auth.
//!
//! A request goes through two places. In the Worker, [`form`] and [`client_authentication`] read what was sent, and every
//! secret becomes its digest. In the Directory object, [`handle`] authenticates the client and decides what it may be told
//! or do. Whether a token is alive is decided by the data plane's pipeline, in the Worker.

pub mod client_authentication;
pub mod error;
pub mod form;
pub mod introspection;
pub mod metadata;
pub mod revocation;

pub mod call;
pub mod handle;

#[cfg(any(test, feature = "describe"))]
pub mod documentation;
