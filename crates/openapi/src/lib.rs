//! `openapi.json`: what the edge and the management API say of themselves, as one OpenAPI document.
//!
//! A tool: `make openapi` writes the document, and the tests hold the committed one against the code. Nothing of it is in
//! a Worker.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a tool for developers"
)]

pub mod assemble;
mod data_plane;
mod forward_auth;
mod key_set;

#[cfg(test)]
mod tests;
