//! The installation: bootstrap.

pub mod bodies;
pub mod views;
