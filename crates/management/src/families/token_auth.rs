//! Token Auth of identities.

pub mod views;
