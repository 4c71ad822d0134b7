//! The installation: bootstrap.

pub mod views;
