//! Which addresses are not for messages that somebody else may direct: those inside of networks.
//!
//! The rule is the client's `validate_restricted_url`, without its gaps: carrier-grade NAT, multicast, and addresses
//! of version 4 that are wrapped in version 6 are private too.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether requests may go to private addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PrivateAddresses {
    /// Each block says it (`allow_private_urls`).
    #[default]
    ByBlock,
    /// Never, whatever a block says.
    Never,
    /// Always, whatever a block says.
    Always,
}

impl PrivateAddresses {
    /// Reads `by-block`, `never` or `always`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "by-block" => Some(Self::ByBlock),
            "never" => Some(Self::Never),
            "always" => Some(Self::Always),
            _ => None,
        }
    }

    pub(crate) fn are_allowed(self, by_block: bool) -> bool {
        match self {
            Self::ByBlock => by_block,
            Self::Never => false,
            Self::Always => true,
        }
    }
}

/// Whether the address is anything but a public one of a single host.
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_private_v4(address),
        IpAddr::V6(address) => is_private_v6(address),
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    const RANGES: [([u8; 4], u32); 15] = [
        // "This network".
        ([0, 0, 0, 0], 8),
        ([10, 0, 0, 0], 8),
        // Carrier-grade NAT.
        ([100, 64, 0, 0], 10),
        // This host.
        ([127, 0, 0, 0], 8),
        // Link-local; the metadata of cloud machines.
        ([169, 254, 0, 0], 16),
        ([172, 16, 0, 0], 12),
        // Protocol assignments.
        ([192, 0, 0, 0], 24),
        // Documentation, three times.
        ([192, 0, 2, 0], 24),
        ([198, 51, 100, 0], 24),
        ([203, 0, 113, 0], 24),
        // Relays from version 6.
        ([192, 88, 99, 0], 24),
        ([192, 168, 0, 0], 16),
        // Measurements.
        ([198, 18, 0, 0], 15),
        // Multicast.
        ([224, 0, 0, 0], 4),
        // Reserved, and broadcast.
        ([240, 0, 0, 0], 4),
    ];
    let bits = u32::from(address);
    RANGES.into_iter().any(|(start, length)| {
        let mask = u32::MAX << (32 - length);
        bits & mask == u32::from(Ipv4Addr::from(start))
    })
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    let last_v4 = || {
        let [.., a, b, c, d] = address.octets();
        Ipv4Addr::new(a, b, c, d)
    };
    match parts {
        // Unspecified, this host, and addresses of version 4 in their old form.
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => true,
        [0, 0, 0, 0, 0, 0, ..]
        // Mapped from version 4.
        | [0, 0, 0, 0, 0, 0xffff, ..]
        | [0, 0, 0, 0, 0xffff, 0, ..]
        // NAT64.
        | [0x64, 0xff9b, 0, 0, 0, 0, ..] => is_private_v4(last_v4()),
        // NAT64 inside of a network; discard.
        [0x64, 0xff9b, 1, ..] | [0x100, 0, 0, 0, ..] => true,
        // Protocol assignments with Teredo, and documentation.
        [0x2001, second, ..] if second < 0x200 || second == 0xdb8 => true,
        [0x3fff, second, ..] if second < 0x1000 => true,
        // 6to4 wraps any address of version 4.
        [0x2002, high, low, ..] => {
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            is_private_v4(Ipv4Addr::new(a, b, c, d))
        }
        [first, ..] => {
            // Unique local, link-local, site-local, multicast; segment routing.
            first & 0xfe00 == 0xfc00
                || first & 0xffc0 == 0xfe80
                || first & 0xffc0 == 0xfec0
                || first & 0xff00 == 0xff00
                || first == 0x5f00
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PrivateAddresses, is_private};

    #[test]
    fn addresses_inside_of_networks_are_private() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "::ffff:0:10.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "5f00::1",
        ] {
            assert!(is_private(address.parse().expect("an address")), "{address}");
        }
    }

    #[test]
    fn other_addresses_are_public() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.1",
            "100.63.255.255",
            "100.128.0.1",
            "126.1.1.1",
            "128.0.0.1",
            "169.253.1.1",
            "169.255.1.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "192.167.1.1",
            "192.169.1.1",
            "198.17.1.1",
            "198.20.1.1",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2002:808:808::1",
            "2001:4860:4860::8888",
            "2606:4700:4700::1111",
            "2a00:1450::1",
        ] {
            assert!(!is_private(address.parse().expect("an address")), "{address}");
        }
    }

    #[test]
    fn the_server_or_the_block_decides() {
        for (text, by_block, expected) in [
            ("by-block", true, true),
            ("by-block", false, false),
            ("never", true, false),
            ("always", false, true),
        ] {
            let rule = PrivateAddresses::parse(text).expect("a rule");
            assert_eq!(rule.are_allowed(by_block), expected, "{text}, {by_block}");
        }
        assert_eq!(PrivateAddresses::parse("sometimes"), None);
    }
}
