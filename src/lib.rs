//! Token Auth for machine identities, decided at the edge: the Worker in front of origins.
//!
//! It decides, and forwards or refuses: `/validate`, the gateway, forward auth and the key set. It passes the control
//! Worker's requests on, unread. It holds no command, no table and no console.
//!
//! ```text
//! edge, control ──▶ management ──▶ directory, validation ──▶ domain
//! ```
//!
//! Start reading at the crate `domain`: it holds the rules. `ARCHITECTURE.md` says where everything else is.
//!
//! **Invariant**: a panic fails the one request that panicked ([`worker_entry`]).

pub mod worker_entry;

pub mod assertions;
pub mod control;
pub mod forward_auth;
pub mod gateway;
pub mod upload;
pub mod validate;

pub mod http;

#[cfg(feature = "test-hooks")]
pub mod test_hooks;
