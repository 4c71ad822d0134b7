//! A request on its way to an origin: who may route it where, what the origin gets, and what the client gets back.

pub mod answer_headers;
pub mod assertion_key;
pub mod cache_control;
pub mod challenges;
pub mod claim_headers;
mod field_elements;
pub mod forwarded_cookies;
pub mod forwarded_headers;
pub mod location;
pub mod origin;
pub mod policy;
pub mod policy_size;
pub mod proxied_request;
pub mod request_method;
pub mod request_path;
pub mod request_rules;
pub mod reserved_headers;
pub mod route;
pub mod route_boundary;
pub mod route_delegation;
pub mod route_host;
pub mod route_options;
pub mod web_socket_handshake;
