//! The client's address: which one counts, and when there is none.
//!
//! Only what the edge itself wrote is believed: `CF-Connecting-IP`, and `CF-Connecting-IPv6` where the former is a
//! placeholder. `X-Forwarded-For`, `True-Client-IP` and their like can be written by the client and are never read, except
//! from a reverse proxy that has proven itself ([`proxy_trust`](crate::network::proxy_trust)).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::network::trusted_ips;

/// The client's address, canonical, or `None` when it is not known for certain: the header is missing, was sent
/// several times, or is not an address.
///
/// With "Pseudo IPv4: overwrite headers" the edge puts a class E address (240.0.0.0/4) into `CF-Connecting-IP` and the
/// real one into `CF-Connecting-IPv6`.
pub fn client_address(connecting_ip: Option<&str>, connecting_ipv6: Option<&str>) -> Option<IpAddr> {
    let address: IpAddr = connecting_ip?.trim().parse().ok()?;
    match trusted_ips::canonical(address) {
        IpAddr::V4(v4) if is_class_e(v4) => {
            let real: Ipv6Addr = connecting_ipv6?.trim().parse().ok()?;
            Some(trusted_ips::canonical(IpAddr::V6(real)))
        }
        known => Some(known),
    }
}

/// The client's address as a reverse proxy reports it that has proven itself, canonical; `None` when it is not exactly
/// one address. A proxy sees the connection itself, so there is no placeholder to look behind.
pub fn reported_address(text: &str) -> Option<IpAddr> {
    text.parse().ok().map(trusted_ips::canonical)
}

/// 240.0.0.0/4, reserved (RFC 1112 §4): no client has such an address.
const fn is_class_e(address: Ipv4Addr) -> bool {
    let [first, ..] = address.octets();
    first >= 240
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_well_formed_address_of_the_edge_counts() {
        #[track_caller]
        fn check(connecting_ip: Option<&str>, connecting_ipv6: Option<&str>, expected: Option<&str>) {
            let expected: Option<IpAddr> = expected.map(|text| text.parse().unwrap());
            assert_eq!(
                client_address(connecting_ip, connecting_ipv6),
                expected,
                "{connecting_ip:?} {connecting_ipv6:?}"
            );
        }
        check(Some("203.0.113.9"), None, Some("203.0.113.9"));
        check(Some(" 203.0.113.9 "), None, Some("203.0.113.9"));
        check(Some("2001:db8::1"), None, Some("2001:db8::1"));
        check(Some("::ffff:203.0.113.9"), None, Some("203.0.113.9"));
        check(None, None, None);
        check(None, Some("2001:db8::1"), None);
        check(Some(""), None, None);
        check(Some("203.0.113.9, 10.0.0.1"), None, None);
        check(Some("203.0.113.9:1234"), None, None);
        check(Some("[2001:db8::1]"), None, None);
        check(Some("unknown"), None, None);
        check(Some("203.0.113.9"), Some("2001:db8::1"), Some("203.0.113.9"));
        check(Some("240.16.0.1"), Some("2001:db8::1"), Some("2001:db8::1"));
        check(Some("240.16.0.1"), None, None);
        check(Some("240.16.0.1"), Some("203.0.113.9"), None);
        check(Some("::ffff:240.16.0.1"), Some("2001:db8::1"), Some("2001:db8::1"));
        check(Some("255.255.255.255"), Some("2001:db8::1"), Some("2001:db8::1"));
    }

    #[test]
    fn a_proxy_reports_exactly_one_address() {
        #[track_caller]
        fn check(text: &str, expected: Option<&str>) {
            let expected: Option<IpAddr> = expected.map(|text| text.parse().unwrap());
            assert_eq!(reported_address(text), expected, "{text:?}");
        }
        check("203.0.113.9", Some("203.0.113.9"));
        check("2001:db8::1", Some("2001:db8::1"));
        check("::ffff:203.0.113.9", Some("203.0.113.9"));
        check("240.0.0.1", Some("240.0.0.1"));
        for nonsense in [
            "",
            " 203.0.113.9",
            "203.0.113.9,10.0.0.1",
            "203.0.113.9, 10.0.0.1",
            "203.0.113.9:80",
            "[2001:db8::1]",
            "fe80::1%eth0",
            "203.0.113.09",
            "3405803785",
            "unix:",
            "unknown",
        ] {
            check(nonsense, None);
        }
    }
}
