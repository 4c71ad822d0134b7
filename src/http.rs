//! What the data plane says in HTTP: a request comes in as a value, an answer goes out as a value.
//!
//! **Owns** which requests the gateway takes, what each reverse proxy asks, the assertion for origins, and the answers and
//! errors of the data plane.
//!
//! **Does not own** rules (see `domain`) or the runtime: nothing here names `worker`.
//!
//! **Invariants**
//! * The error surface is one exhaustive match.
//! * Bad input becomes a 4xx.

pub mod assertion;
pub mod data_plane;
pub mod forward_auth;
pub mod gateway;
pub mod identity_headers;
