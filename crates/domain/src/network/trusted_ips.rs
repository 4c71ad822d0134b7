//! Trusted IPs: which client addresses may use an identity's tokens.
//!
//! An entry is given as an address or a CIDR block (RFC 4632 §3.1, RFC 4291 §2.3) and is returned exactly as given: with
//! or without a prefix, with its host bits, in the order of the list. Matching ignores host bits, and treats an
//! IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2) as the IPv4 address it stands for.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// The most entries one list may have. A list is matched on each validation, so its length is a cost.
pub const MAXIMUM_ENTRIES: usize = 50;

/// The source address that the edge shows for requests which come from another customer's Worker. Trusting it would
/// trust every Worker of every customer.
const SHARED_WORKER_ADDRESS: Ipv6Addr = Ipv6Addr::new(0x2a06, 0x98c0, 0x3600, 0, 0, 0, 0, 0x0103);
/// The length of the network provider's own block, 2a06:98c0::/29. A block as narrow as this or narrower that holds the
/// shared address was written with that address in mind; a wider one, such as `::/0`, was not.
const SHARED_WORKER_BLOCK_LENGTH: u8 = 29;

/// A list of trusted IPs with at least one entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrustedIps(Vec<TrustedIp>);

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrustedIp {
    address: String,
    prefix: Option<u8>,
    family: AddressFamily,
    network: IpNet,
}

/// The family an entry was written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AddressFamily {
    /// Dotted decimal.
    Ipv4,
    /// Colon hexadecimal.
    Ipv6,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TrustedIpError {
    /// Neither an IPv4 address, an IPv6 address nor a CIDR block of either.
    NotAnAddressOrBlock,
    /// An IPv4-mapped block wider than all of IPv4: it would mix both families.
    MappedBlockTooWide,
    /// The address behind which the Workers of all customers appear.
    SharedWorkerAddress,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TrustedIpsError {
    /// There is no entry. Nobody could use such a token; to trust everybody, say `0.0.0.0/0` and `::/0`.
    Empty,
    /// More than [`MAXIMUM_ENTRIES`].
    TooMany,
    Entry {
        /// Its position in the list, from 0.
        position: usize,
        error: TrustedIpError,
    },
}

impl TrustedIps {
    /// Everybody: `0.0.0.0/0` and `::/0`.
    pub fn everybody() -> Self {
        let open = |address: &str, family, network| TrustedIp {
            address: address.to_owned(),
            prefix: Some(0),
            family,
            network,
        };
        Self(vec![
            open("0.0.0.0", AddressFamily::Ipv4, IpNet::V4(Ipv4Net::default())),
            open("::", AddressFamily::Ipv6, IpNet::V6(Ipv6Net::default())),
        ])
    }

    /// Reads a list of addresses and blocks.
    ///
    /// # Errors
    /// [`TrustedIpsError`], naming the first wrong entry.
    pub fn parse<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<Self, TrustedIpsError> {
        let mut list = Vec::new();
        for (position, entry) in entries.into_iter().enumerate() {
            if position == MAXIMUM_ENTRIES {
                return Err(TrustedIpsError::TooMany);
            }
            list.push(TrustedIp::parse(entry).map_err(|error| TrustedIpsError::Entry { position, error })?);
        }
        if list.is_empty() { Err(TrustedIpsError::Empty) } else { Ok(Self(list)) }
    }

    /// The entries in the order in which they were given.
    pub fn entries(&self) -> &[TrustedIp] {
        &self.0
    }

    /// Whether a client may use the token from `address`. An unknown address is trusted only by a list that trusts
    /// every address of both families.
    pub fn trust(&self, address: Option<IpAddr>) -> bool {
        match address {
            Some(address) => self.matching(address).is_some(),
            None => self.is_open_to(AddressFamily::Ipv4) && self.is_open_to(AddressFamily::Ipv6),
        }
    }

    /// The first entry that holds an address.
    pub fn matching(&self, address: IpAddr) -> Option<&TrustedIp> {
        let address = canonical(address);
        self.0.iter().find(|entry| entry.network.contains(&address))
    }

    /// Whether an entry holds every address of a family.
    pub fn is_open(&self) -> bool {
        self.0.iter().any(|entry| entry.network.prefix_len() == 0)
    }

    /// Whether every address that this list trusts is one that `other` trusts, as far as single entries show it: blocks
    /// that hold another only together do not count.
    pub fn are_within(&self, other: &Self) -> bool {
        self.0.iter().all(|entry| other.0.iter().any(|wider| wider.network.contains(&entry.network)))
    }

    fn is_open_to(&self, family: AddressFamily) -> bool {
        self.0.iter().any(|entry| {
            entry.network.prefix_len() == 0
                && matches!(
                    (family, entry.network),
                    (AddressFamily::Ipv4, IpNet::V4(_)) | (AddressFamily::Ipv6, IpNet::V6(_))
                )
        })
    }
}

impl TrustedIp {
    /// Reads one entry; white space around it is ignored.
    ///
    /// Refused are short forms, leading zeros and hexadecimal parts of IPv4, zone identifiers, ports and anything after
    /// the prefix length.
    pub fn parse(entry: &str) -> Result<Self, TrustedIpError> {
        let entry = entry.trim();
        let (address_text, prefix_text) = match entry.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (entry, None),
        };
        let address: IpAddr = address_text.parse().map_err(|_| TrustedIpError::NotAnAddressOrBlock)?;
        let prefix = prefix_text.map(parse_prefix_length).transpose()?;
        let network = network(address, prefix)?;
        refuse_shared_worker_address(network)?;
        let family = match address {
            IpAddr::V4(_) => AddressFamily::Ipv4,
            IpAddr::V6(_) => AddressFamily::Ipv6,
        };
        Ok(Self { address: address_text.to_owned(), prefix, family, network })
    }

    /// The address as given, without its prefix.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The prefix length, if one was given.
    pub const fn prefix(&self) -> Option<u8> {
        self.prefix
    }

    pub const fn family(&self) -> AddressFamily {
        self.family
    }

    /// The entry as it was given, `address` or `address/prefix`: what [`TrustedIp::parse`] reads back.
    pub fn text(&self) -> String {
        match self.prefix {
            Some(prefix) => format!("{}/{prefix}", self.address),
            None => self.address.clone(),
        }
    }
}

/// Decimal digits only: no sign, no leading zero, nothing behind them.
fn parse_prefix_length(text: &str) -> Result<u8, TrustedIpError> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = text.len() > 1 && text.starts_with('0');
    if !digits || leading_zero {
        return Err(TrustedIpError::NotAnAddressOrBlock);
    }
    text.parse().map_err(|_| TrustedIpError::NotAnAddressOrBlock)
}

/// The block to match with: host bits cleared, an IPv4-mapped one turned into IPv4.
fn network(address: IpAddr, prefix: Option<u8>) -> Result<IpNet, TrustedIpError> {
    let block = match prefix {
        Some(prefix) => IpNet::new(address, prefix).map_err(|_| TrustedIpError::NotAnAddressOrBlock)?,
        None => IpNet::from(address),
    };
    let IpNet::V6(block) = block else {
        return Ok(block.trunc());
    };
    let Some(mapped) = block.addr().to_ipv4_mapped() else {
        return Ok(IpNet::V6(block.trunc()));
    };
    // 96 bits of an IPv4-mapped address come before the IPv4 address.
    let Some(length) = block.prefix_len().checked_sub(96) else {
        return Err(TrustedIpError::MappedBlockTooWide);
    };
    let block = Ipv4Net::new(mapped, length).map_err(|_| TrustedIpError::NotAnAddressOrBlock)?;
    Ok(IpNet::V4(block.trunc()))
}

fn refuse_shared_worker_address(network: IpNet) -> Result<(), TrustedIpError> {
    match network {
        IpNet::V6(block)
            if block.prefix_len() >= SHARED_WORKER_BLOCK_LENGTH && block.contains(&SHARED_WORKER_ADDRESS) =>
        {
            Err(TrustedIpError::SharedWorkerAddress)
        }
        IpNet::V6(_) | IpNet::V4(_) => Ok(()),
    }
}

/// An IPv4-mapped IPv6 address as the IPv4 address it stands for; any other address as it is.
pub(super) fn canonical(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, |v4: Ipv4Addr| IpAddr::V4(v4)),
        IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_client_is_trusted_when_an_entry_of_its_family_holds_it() {
        #[track_caller]
        fn check(entries: &[&str], client: &str, expected: bool) {
            let list = TrustedIps::parse(entries.iter().copied()).unwrap();
            assert_eq!(list.trust(Some(client.parse().unwrap())), expected, "{entries:?} {client}");
        }
        check(&["203.0.113.7"], "203.0.113.7", true);
        check(&["203.0.113.7"], "203.0.113.8", false);
        check(&["10.0.0.0/8"], "10.255.255.255", true);
        check(&["10.0.0.0/8"], "11.0.0.0", false);
        check(&["10.1.2.3/8"], "10.200.0.1", true);
        check(&["0.0.0.0/0"], "198.51.100.1", true);
        check(&["0.0.0.0/0"], "2001:db8::1", false);
        check(&["::/0"], "2001:db8::1", true);
        check(&["::/0"], "198.51.100.1", false);
        check(&["::/0"], "::ffff:198.51.100.1", false);
        check(&["2001:db8::/32"], "2001:db8:ffff::1", true);
        check(&["2001:db8::/32"], "2001:db9::1", false);
        check(&["2001:DB8::1"], "2001:db8:0:0:0:0:0:1", true);
        check(&["10.0.0.0/8"], "::ffff:10.1.2.3", true);
        check(&["::ffff:10.0.0.0/104"], "10.1.2.3", true);
        check(&["::ffff:10.1.2.3"], "10.1.2.3", true);
        check(&["::ffff:10.1.2.3"], "::ffff:10.1.2.3", true);
        // Compatible and translated addresses are not unwrapped.
        check(&["10.0.0.0/8"], "::10.1.2.3", false);
        check(&["10.0.0.0/8"], "64:ff9b::10.1.2.3", false);
        check(&["10.0.0.0/8"], "2002:0a01:0203::", false);
        check(&["192.0.2.1", "2001:db8::/32"], "2001:db8::9", true);
    }

    #[test]
    fn an_entry_is_returned_as_it_was_given() {
        #[track_caller]
        fn check(entry: &str, address: &str, prefix: Option<u8>, family: AddressFamily) {
            let parsed = TrustedIp::parse(entry).unwrap();
            assert_eq!((parsed.address(), parsed.prefix(), parsed.family()), (address, prefix, family));
            assert_eq!(TrustedIp::parse(&parsed.text()).unwrap(), parsed);
        }
        check("10.1.2.3/8", "10.1.2.3", Some(8), AddressFamily::Ipv4);
        check("10.1.2.3", "10.1.2.3", None, AddressFamily::Ipv4);
        check(" 10.1.2.3/32 ", "10.1.2.3", Some(32), AddressFamily::Ipv4);
        check("2001:DB8::/32", "2001:DB8::", Some(32), AddressFamily::Ipv6);
        check("::ffff:10.0.0.0/104", "::ffff:10.0.0.0", Some(104), AddressFamily::Ipv6);
        check("::/0", "::", Some(0), AddressFamily::Ipv6);
    }

    #[test]
    fn what_is_no_address_and_no_block_is_refused() {
        #[track_caller]
        fn check(entry: &str, expected: TrustedIpError) {
            assert_eq!(TrustedIp::parse(entry), Err(expected), "{entry:?}");
        }
        use TrustedIpError::{MappedBlockTooWide, NotAnAddressOrBlock, SharedWorkerAddress};
        for entry in [
            "",
            "/",
            "/8",
            "10.0.0.0/",
            "10.0.0.0/33",
            "10.0.0.0/-1",
            "10.0.0.0/+8",
            "10.0.0.0/08",
            "10.0.0.0/8abc",
            "10.0.0.0/8/8",
            "10.0.0.0/255.0.0.0",
            "10.0.0",
            "10",
            "010.0.0.1",
            "0x0a.0.0.1",
            "10.0.0.256",
            "10.0.0.1:443",
            "[::1]",
            "[::1]:443",
            "fe80::1%eth0",
            "fe80::1%25eth0/64",
            "::/129",
            "2001:db8::/ 32",
            "example.com",
            "10.0.0.0 /8",
            "10.0.0.0-10.0.0.9",
            "*",
            "１０.0.0.1",
        ] {
            check(entry, NotAnAddressOrBlock);
        }
        check("::ffff:0:0/95", MappedBlockTooWide);
        check("::ffff:10.0.0.1/0", MappedBlockTooWide);
        check("2a06:98c0:3600::103", SharedWorkerAddress);
        check("2a06:98c0:3600::103/128", SharedWorkerAddress);
        check("2a06:98c0:3600::/48", SharedWorkerAddress);
        check("2a06:98c0::/29", SharedWorkerAddress);
    }

    #[test]
    fn the_shared_worker_address_does_not_forbid_wide_or_neighbouring_blocks() {
        for entry in ["::/0", "2000::/3", "2a06:98c0:3601::/48", "2a06:98c0:3600::104"] {
            assert!(TrustedIp::parse(entry).is_ok(), "{entry}");
        }
    }

    #[test]
    fn a_list_has_from_1_to_50_entries_and_names_the_wrong_one() {
        assert_eq!(TrustedIps::parse([]), Err(TrustedIpsError::Empty));
        assert!(TrustedIps::parse(vec!["10.0.0.1"; MAXIMUM_ENTRIES]).is_ok());
        assert_eq!(TrustedIps::parse(vec!["10.0.0.1"; MAXIMUM_ENTRIES + 1]), Err(TrustedIpsError::TooMany));
        assert_eq!(
            TrustedIps::parse(["10.0.0.1", "nonsense"]),
            Err(TrustedIpsError::Entry { position: 1, error: TrustedIpError::NotAnAddressOrBlock })
        );
    }

    #[test]
    fn an_unknown_client_address_is_trusted_only_by_a_list_open_to_both_families() {
        #[track_caller]
        fn check(entries: &[&str], expected: bool) {
            assert_eq!(TrustedIps::parse(entries.iter().copied()).unwrap().trust(None), expected, "{entries:?}");
        }
        check(&["0.0.0.0/0", "::/0"], true);
        check(&["0.0.0.0/0"], false);
        check(&["::/0"], false);
        check(&["10.0.0.0/8"], false);
    }

    #[test]
    fn everybody_is_what_parsing_both_open_blocks_gives() {
        assert_eq!(TrustedIps::everybody(), TrustedIps::parse(["0.0.0.0/0", "::/0"]).unwrap());
    }

    proptest! {
        #[test]
        fn a_block_holds_exactly_the_addresses_that_share_its_prefix(
            network: u32, client: u32, prefix in 0u8..=32
        ) {
            let entry = format!("{}/{prefix}", Ipv4Addr::from(network));
            let list = TrustedIps::parse([entry.as_str()]).unwrap();
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
            let expected = network & mask == client & mask;
            prop_assert_eq!(list.trust(Some(IpAddr::V4(Ipv4Addr::from(client)))), expected);
            let mapped = Ipv4Addr::from(client).to_ipv6_mapped();
            prop_assert_eq!(list.trust(Some(IpAddr::V6(mapped))), expected);
        }

        #[test]
        fn an_ipv6_block_holds_exactly_the_addresses_that_share_its_prefix(
            network: u128, client: u128, prefix in 0u8..=128
        ) {
            let entry = format!("{}/{prefix}", Ipv6Addr::from(network));
            let Ok(list) = TrustedIps::parse([entry.as_str()]) else { return Ok(()); };
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
            prop_assume!(Ipv6Addr::from(client).to_ipv4_mapped().is_none());
            prop_assert_eq!(list.trust(Some(IpAddr::V6(Ipv6Addr::from(client)))), network & mask == client & mask);
        }

        #[test]
        fn any_entry_is_read_or_refused_without_a_panic(entry in any::<String>()) {
            let _ = TrustedIp::parse(&entry);
        }
    }
}
