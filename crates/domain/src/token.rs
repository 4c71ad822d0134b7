//! A token and what becomes of it: its format, its facts, its lifetime, its uses, and the decision about it.

pub mod access_assertion;
pub mod access_token;
mod base62;
pub mod client_secret;
pub mod console_session;
pub mod decision;
pub mod digest;
pub mod evidence;
pub mod explanation;
pub mod facts;
pub mod in_force;
pub mod key_set_age;
pub mod lifetime;
pub mod lockout;
pub mod refusal;
pub mod renewal;
pub mod secret;
pub mod sign_in_code;
pub mod tagged_secret;
pub mod token_auth_configuration;
pub mod universal_auth_configuration;
pub mod uses;
pub mod widening;
