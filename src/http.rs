//! The API as data: a request comes in as a value, a response goes out as a value.
//!
//! **Owns** the routes, the wire types, both error surfaces (management and data plane), the settings and the messages
//! between the Worker and its Durable Objects.
//!
//! **Does not own** rules (see [`domain`](crate::domain)) or the runtime: nothing here names `worker`.
//!
//! **Invariants**
//! * Each error surface is one exhaustive match.
//! * Every response says `Cache-Control: no-store` and carries the request's id.
//! * Bad input becomes a 4xx that names the field.

pub mod assertion;
pub mod bearer;
pub mod damping;
pub mod family;
pub mod request_id;
pub mod response;
pub mod settings;
pub mod target;

pub mod data_plane;
pub mod documentation;
pub mod forward_auth;
pub mod gateway;
pub mod identity_headers;
pub mod iso_8601;
pub mod management;
pub mod oauth;

pub mod messages;
