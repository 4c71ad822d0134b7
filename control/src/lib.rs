//! Token Auth for machine identities: the Worker that manages everything.
//!
//! It answers the management API, the OAuth endpoints, the documentation and the console, and holds the classes of the objects. It has
//! no public address of its own unless the operator gives it one: the edge passes requests on.
//!
//! **Does not own** rules: an `if` about TTL, IPs, uses or roles here is a defect.
//!
//! **Invariant**: a panic fails the one request that panicked ([`worker_entry`]).

pub mod worker_entry;

pub mod answer;
pub mod cloudflare_access;
pub mod console_caller;
pub mod console_files;
pub mod management_api;
pub mod oauth_endpoints;

pub mod directory_do;
pub mod use_counter_do;

pub mod durable_sql;
