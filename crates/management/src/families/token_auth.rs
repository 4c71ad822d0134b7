//! Token Auth of identities.

pub mod bodies;
pub mod views;
