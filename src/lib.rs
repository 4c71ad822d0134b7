//! Token Auth for machine identities, decided at the edge.
//!
//! The layers, each of which may use only those to its right:
//!
//! ```text
//! edge ──▶ http ──▶ directory, validation ──▶ domain
//! ```
//!
//! Start reading at [`domain`]: it holds the rules. `ARCHITECTURE.md` says where everything else is.

pub mod directory;
pub mod domain;
pub mod edge;
pub mod http;
pub mod validation;
