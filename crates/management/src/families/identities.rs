//! Identities.

pub mod bodies;
pub mod views;
