//! Identities.

pub mod views;
