//! The rules of Token Auth, and nothing else.
//!
//! **Owns** every decision about a token, a lifetime, a use, an address, a role or a permission. Each rule is one file,
//! named after the rule.
//!
//! **Does not own** storage, transport, JSON, time or randomness: a rule gets its facts as arguments and returns its
//! decision as a value.
//!
//! **Invariants**
//! * Pure, synchronous and total: no function here performs I/O, asks a clock or draws a random number.
//! * No item here names `worker`, `serde_json` or another layer: this crate depends on none of them.
//! * `0 = unlimited` does not exist here: a limit that is absent is `None`.

pub mod token;

pub mod permission;

pub mod gateway;

pub mod network;

pub mod value;
