//! By what callers are told apart when too many requests come from one of them.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::network::trusted_ips;

/// A subscriber gets a /64 at least, and may use any address in it (RFC 6177 §2).
const IPV6_PREFIX: u8 = 64;
const IPV4_PREFIX: u8 = 32;

/// The network that stands for the caller at an address: an IPv4 address itself, an IPv6 address with its neighbours.
pub fn caller_network(address: IpAddr) -> IpNet {
    match trusted_ips::canonical(address) {
        IpAddr::V4(address) => IpNet::V4(Ipv4Net::new_assert(address, IPV4_PREFIX)),
        IpAddr::V6(address) => IpNet::V6(Ipv6Net::new_assert(address, IPV6_PREFIX).trunc()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv4_address_is_one_caller_and_so_is_an_ipv6_subnet() {
        #[track_caller]
        fn check(address: &str, expected: &str) {
            assert_eq!(caller_network(address.parse().unwrap()).to_string(), expected);
        }
        check("203.0.113.9", "203.0.113.9/32");
        check("::ffff:203.0.113.9", "203.0.113.9/32");
        check("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64");
        check("2001:db8:1:2::", "2001:db8:1:2::/64");
        check("2001:db8:1:3::", "2001:db8:1:3::/64");
    }
}
