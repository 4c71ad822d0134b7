//! Access tokens: those of Token Auth, and what the holder of any may do with its own.

pub mod views;
