//! Addresses: where a caller is, and which addresses and proxies are trusted.

pub mod caller_network;
pub mod client_address;
pub mod console_site;
pub mod proxy_trust;
pub mod trusted_ips;
