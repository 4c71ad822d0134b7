//! Everything that names `worker`: entry points, Durable Objects, KV, the clock and the random number generator.
//!
//! **Owns** the conversion between the runtime's types and ours, deadlines, retries and logging.
//!
//! **Does not own** rules: an `if` about TTL, IPs, uses or roles here is a defect.
//!
//! **Invariants**
//! * Every await that leaves the isolate has a deadline ([`deadline`]).
//! * A panic fails the one request that panicked ([`worker_entry`]).
//! * The clock and the generator are asked once for each request ([`runtime`]).

pub mod worker_entry;

pub mod forward_auth;
pub mod gateway;
pub mod management;
pub mod oauth;
pub mod validate;

#[allow(missing_docs, reason = "`durable_object` generates methods without documentation")]
pub mod directory_do;
#[allow(missing_docs, reason = "`durable_object` generates methods without documentation")]
pub mod use_counter_do;

pub mod admission;
pub mod answer;
pub mod damping;
pub mod deadline;
pub mod durable_sql;
pub mod isolate;
pub mod log;
pub mod objects;
pub mod ports;
pub mod runtime;
pub mod upload;
pub mod usage;

#[cfg(feature = "test-hooks")]
pub mod test_hooks;
