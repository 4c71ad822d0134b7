//! What both Workers say in HTTP, and what they say to the objects.
//!
//! **Owns** the settings, the families of paths, the shape of an answer, credentials in a header, and the messages between
//! a Worker and the objects.
//!
//! **Does not own** any answer of its own: those are the Workers'. Nothing here names `worker`.
//!
//! **Invariants**
//! * Every response says `Cache-Control: no-store` and carries the request's id; only the console's files, which hold
//!   nothing of anybody's, may be stored.

pub mod family;
pub mod settings;

pub mod bearer;
pub mod bearer_project;
pub mod body;
pub mod console;
pub mod damping;
pub mod iso_8601;
pub mod issuer;
pub mod json_web_token;
pub mod request_id;
pub mod response;
pub mod surface;
pub mod target;

pub mod messages;
