//! The rules of Token Auth, and nothing else.
//!
//! **Owns** every decision about a token, a lifetime, a use, an address, a role or a permission. Each rule is one file,
//! named after the rule.
//!
//! **Does not own** storage, transport, JSON, time or randomness: what a rule needs to know comes in as an argument,
//! what it decides goes out as a value.
//!
//! **Invariants**
//! * Pure, synchronous and total: no function here performs I/O, asks a clock or draws a random number.
//! * No item here names `worker`, `serde_json` or another layer (checked by `tests/tidy.rs`).
//! * `0 = unlimited` does not exist here: a limit that is absent is `None`.

pub mod decision;
pub mod explanation;
pub mod refusal;

pub mod access_token;
pub mod caller_network;
pub mod client_address;
pub mod client_secret;
pub mod lifetime;
pub mod lockout;
pub mod proxy_trust;
pub mod renewal;
pub mod temporary_access;
pub mod token_auth_configuration;
pub mod trusted_ips;
pub mod universal_auth_configuration;
pub mod uses;
pub mod widening;

pub mod condition;
pub mod glob;
pub mod granting;
pub mod held_roles;
pub mod last_administrator;
pub mod organization_role;
pub mod permission;
pub mod privilege_boundary;
pub mod project_role;
pub mod requirement;
pub mod role_change;

pub mod answer_headers;
pub mod assertion_key;
pub mod cache_control;
pub mod challenges;
pub mod claim_headers;
pub mod forwarded_headers;
pub mod location;
pub mod origin;
pub mod policy;
pub mod policy_size;
pub mod proxied_request;
pub mod request_method;
pub mod request_path;
pub mod request_rules;
pub mod route;
pub mod route_boundary;
pub mod route_delegation;
pub mod route_host;
pub mod route_options;
pub mod web_socket_handshake;

pub mod evidence;
pub mod facts;
pub mod identifiers;
pub mod names;
pub mod project_slug;
pub mod randomness;
pub mod role_slug;
pub mod rule_subject;
pub mod secret;
pub mod timestamp;

mod base62;
