//! Client addresses and protocols behind trusted proxies.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use actix_web::HttpRequest;
use actix_web::http::header::{
    FORWARDED, HeaderMap, HeaderName, X_FORWARDED_FOR, X_FORWARDED_PROTO,
};
use ipnet::IpNet;

/// Addresses and networks, as `10.0.0.1, 192.168.0.0/16`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

/// The trusted proxies. Their headers are ignored in requests from other addresses, because any client
/// can send them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies(Networks);

/// The client of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    pub address: IpAddr,
    /// Whether the request came through a trusted proxy, even if the proxy's headers do not tell from
    /// whom: what cannot be told apart is limited as one client.
    pub by_proxy: bool,
}

impl FromStr for Networks {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        let network = |name: &str| match name.parse::<IpAddr>() {
            Ok(address) => Ok(IpNet::from(address)),
            Err(_) => name.parse().map_err(|error| format!("{name}: {error}")),
        };
        Ok(Self(names.map(network).collect::<Result<_, _>>()?))
    }
}

impl Networks {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl FromStr for Proxies {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self)
    }
}

impl Proxies {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether a whole address family is trusted.
    pub fn trusts_everybody(&self) -> bool {
        self.0.0.iter().any(|network| network.prefix_len() == 0)
    }

    /// Returns the client of a request. A proxy that reports no client, or contradicts itself, counts
    /// as the client. Returns `None` only for requests that did not come over a network.
    pub fn client(&self, request: &HttpRequest) -> Option<Client> {
        let peer = request.peer_addr()?.ip().to_canonical();
        let by_proxy = self.trusts(peer);
        let reported = by_proxy.then(|| self.reported_client(request.headers())).flatten();
        Some(Client { address: reported.unwrap_or(peer), by_proxy })
    }

    /// Returns whether a trusted proxy reports that the visitor uses HTTPS.
    pub fn is_https(&self, request: &HttpRequest) -> bool {
        let by_proxy =
            || request.peer_addr().is_some_and(|peer| self.trusts(peer.ip().to_canonical()));
        !self.is_empty() && by_proxy() && reports_https(request.headers())
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.contains(address)
    }

    /// Returns the client in `X-Forwarded-For` or `Forwarded`. Most proxies set one of them and pass
    /// the other one on as the client sent it, so if both are present they must agree.
    fn reported_client(&self, headers: &HeaderMap) -> Option<IpAddr> {
        let forwarded_for = self.last_untrusted(values(headers, &X_FORWARDED_FOR));
        let forwarded =
            self.last_untrusted(values(headers, &FORWARDED).map(|hop| parameter(hop, "for")));
        match (forwarded_for, forwarded) {
            (Some(address), None) | (None, Some(address)) => address,
            (Some(address), Some(other)) => address.filter(|_| address == other),
            (None, None) => None,
        }
    }

    /// Returns the last hop that is not a trusted proxy. Each proxy appends the address of its client,
    /// so earlier hops may be forged. The outer `None` means that there are no hops, the inner one
    /// that the hop is not an address.
    fn last_untrusted<'a>(
        &self,
        hops: impl DoubleEndedIterator<Item = &'a str>,
    ) -> Option<Option<IpAddr>> {
        let mut first = None;
        for hop in hops.rev() {
            let address = address(hop);
            first = Some(address);
            if !address.is_some_and(|address| self.trusts(address)) {
                break;
            }
        }
        first
    }
}

/// Returns the elements of a comma-separated header, which may be repeated.
fn values<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> impl DoubleEndedIterator<Item = &'a str> {
    // A value that is not text counts as a hop without an address.
    let lines = headers.get_all(name).map(|value| value.to_str().unwrap_or_default());
    lines.flat_map(|line| line.split(',')).map(str::trim).collect::<Vec<_>>().into_iter()
}

/// Returns a parameter in an element of `Forwarded` (RFC 7239, section 4); empty if missing.
fn parameter<'a>(element: &'a str, name: &str) -> &'a str {
    let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let mut named = pairs.filter(|(key, _)| key.trim().eq_ignore_ascii_case(name));
    named.next().map_or("", |(_, value)| value.trim().trim_matches('"'))
}

/// Parses an address with or without a port (RFC 7239, section 6). Returns `None` for an obfuscated
/// one.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare.parse().ok().or_else(with_port).map(|address: IpAddr| address.to_canonical())
}

/// Returns whether every hop that reports a protocol reports HTTPS.
fn reports_https(headers: &HeaderMap) -> bool {
    let mut hops: Vec<&str> = values(headers, &X_FORWARDED_PROTO).collect();
    if hops.is_empty() {
        let protocols = values(headers, &FORWARDED).map(|hop| parameter(hop, "proto"));
        hops.extend(protocols.filter(|protocol| !protocol.is_empty()));
    }
    !hops.is_empty() && hops.iter().all(|hop| hop.eq_ignore_ascii_case("https"))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn request(peer: &str, headers: &[(&'static str, &str)]) -> HttpRequest {
        let peer = SocketAddr::new(peer.parse().unwrap(), 4711);
        let request = TestRequest::default().peer_addr(peer);
        headers
            .iter()
            .fold(request, |request, header| request.append_header(*header))
            .to_http_request()
    }

    #[test]
    fn proxies_parse_addresses_and_networks() {
        assert!("".parse::<Proxies>().unwrap().is_empty());
        let proxies: Proxies = "127.0.0.1,10.0.0.0/8".parse().unwrap();
        for (address, trusted) in [("127.0.0.1", true), ("127.0.0.2", false), ("10.9.8.7", true)] {
            assert_eq!(proxies.trusts(address.parse().unwrap()), trusted, "{address}");
        }
        for wrong in ["proxy.example", "10.0.0.0/33", "10.0.0.1;10.0.0.2"] {
            assert!(wrong.parse::<Proxies>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn forwarded_client_counts_only_from_trusted_proxies() {
        const FOR: &str = "X-Forwarded-For";
        let proxies: Proxies = "10.0.0.0/8, ::1".parse().unwrap();
        for (peer, headers, client) in [
            ("203.0.113.7", &[][..], "203.0.113.7"),
            ("203.0.113.7", &[(FOR, "198.51.100.1")], "203.0.113.7"),
            ("203.0.113.7", &[("Forwarded", "for=198.51.100.1")], "203.0.113.7"),
            ("10.0.0.1", &[(FOR, "198.51.100.1")], "198.51.100.1"),
            ("10.0.0.1", &[(FOR, "1.2.3.4, 198.51.100.1, 10.0.0.2")], "198.51.100.1"),
            ("10.0.0.1", &[(FOR, "1.2.3.4"), (FOR, "198.51.100.1")], "198.51.100.1"),
            ("::ffff:10.0.0.1", &[(FOR, "198.51.100.1:4711")], "198.51.100.1"),
            ("::1", &[(FOR, "2001:db8::1")], "2001:db8::1"),
            ("10.0.0.1", &[(FOR, "::ffff:198.51.100.1")], "198.51.100.1"),
            ("10.0.0.1", &[(FOR, "10.0.0.9, 10.0.0.2")], "10.0.0.9"),
            ("10.0.0.1", &[(FOR, "198.51.100.1, nonsense")], "10.0.0.1"),
            ("10.0.0.1", &[(FOR, "")], "10.0.0.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &[("Forwarded", "For=\"[2001:db8::1]:4711\";proto=https")], "2001:db8::1"),
            (
                "10.0.0.1",
                &[("Forwarded", "for=1.2.3.4, for=198.51.100.1;by=10.0.0.2")],
                "198.51.100.1",
            ),
            ("10.0.0.1", &[("Forwarded", "for=_hidden")], "10.0.0.1"),
            (
                "10.0.0.1",
                &[("Forwarded", "for=198.51.100.1"), (FOR, "198.51.100.1")],
                "198.51.100.1",
            ),
            ("10.0.0.1", &[("Forwarded", "for=1.2.3.4"), (FOR, "198.51.100.1")], "10.0.0.1"),
        ] {
            let found = proxies.client(&request(peer, headers)).unwrap();
            assert_eq!(found.address.to_string(), client, "{peer} {headers:?}");
            assert_eq!(found.by_proxy, peer != "203.0.113.7", "{peer} {headers:?}");
        }
    }

    #[test]
    fn forwarded_https_counts_only_from_trusted_proxies() {
        const PROTO: &str = "X-Forwarded-Proto";
        let proxies: Proxies = "10.0.0.1".parse().unwrap();
        for (peer, headers, https) in [
            ("203.0.113.7", &[(PROTO, "https")][..], false),
            ("203.0.113.7", &[("Forwarded", "proto=https")], false),
            ("10.0.0.1", &[(PROTO, "https")], true),
            ("10.0.0.1", &[(PROTO, "http")], false),
            ("10.0.0.1", &[(PROTO, "https, http")], false),
            ("10.0.0.1", &[("Forwarded", "for=1.2.3.4;proto=HTTPS")], true),
            ("10.0.0.1", &[("Forwarded", "for=1.2.3.4;proto=https"), (PROTO, "http")], false),
            ("10.0.0.1", &[("Forwarded", "for=1.2.3.4")], false),
            ("10.0.0.1", &[], false),
        ] {
            assert_eq!(proxies.is_https(&request(peer, headers)), https, "{peer} {headers:?}");
        }
        assert!(!Proxies::default().is_https(&request("10.0.0.1", &[(PROTO, "https")])));
    }
}
