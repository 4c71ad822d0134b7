//! Environments of projects.

pub mod bodies;
pub mod views;
