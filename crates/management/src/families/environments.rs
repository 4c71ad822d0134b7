//! Environments of projects.

pub mod views;
