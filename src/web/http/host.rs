//! The host that a request is sent to. Everything that depends on it reads it here.

use std::net::Ipv6Addr;

use actix_web::HttpRequest;
use actix_web::http::header::HOST;

/// Returned for a request without a usable host.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct InvalidHost;

/// Returns host and port as the request names them, and `None` if it names none.
///
/// # Errors
/// When the name is not a valid host, or the request names several: a proxy and this site might
/// each take another one (RFC 9112 §3.2).
pub(crate) fn requested(request: &HttpRequest) -> Result<Option<&str>, InvalidHost> {
    let mut headers = request.headers().get_all(HOST);
    let header = headers.next().map(|host| host.to_str().ok().ok_or(InvalidHost)).transpose()?;
    if headers.next().is_some() {
        return Err(InvalidHost);
    }
    let target = request.uri().authority().map(|authority| authority.as_str());
    let host = match (target, header) {
        (Some(target), Some(header)) if !target.eq_ignore_ascii_case(header) => {
            return Err(InvalidHost);
        }
        (target, header) => target.or(header),
    };
    match host {
        Some(host) if !is_valid(host) => Err(InvalidHost),
        host => Ok(host),
    }
}

/// Returns whether a text is a host name or address, with or without a port. Such a text has no
/// character that is special in HTML, XML or JSON.
pub(crate) fn is_valid(host: &str) -> bool {
    let (name, port) = split(host);
    let is_name = |name: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        !name.trim_matches('.').is_empty() && name.bytes().all(fits)
    };
    let is_address = |name: &str| {
        let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
        bare.is_some_and(|bare| bare.parse::<Ipv6Addr>().is_ok())
    };
    let is_port =
        |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    (is_name(name) || is_address(name)) && port.is_none_or(is_port)
}

/// Splits `name:port`; the brackets of an IPv6 address belong to the name.
pub(crate) fn split(host: &str) -> (&str, Option<&str>) {
    let after_address = host.rfind(']').map_or(0, |end| end + 1);
    match host[after_address..].find(':') {
        Some(colon) => {
            let colon = after_address + colon;
            (&host[..colon], Some(&host[colon + 1..]))
        }
        None => (host, None),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn host_is_a_name_or_an_address_with_a_possible_port() {
        for host in ["films.example", "films.example.:443", "127.0.0.1:8080", "[::1]", "[::1]:80"] {
            assert!(is_valid(host), "{host}");
        }
        for host in [
            "",
            ".",
            ":80",
            "evil.example/x.sub.example",
            "evil@a.sub.example",
            "a b",
            "a\"b",
            "films.example:",
            "films.example:x",
            "films.example:65536",
            "films.example:+80",
            "a:1:2",
            "[::1",
            "[x]",
            "[::1]x",
            "[::1]:",
            "é.example",
            "a,b",
            "a?b",
            "a#b",
            "a%2fb",
        ] {
            assert!(!is_valid(host), "{host}");
        }
    }

    #[test]
    fn target_and_header_must_agree() {
        let host = |uri: &str, headers: &[&str]| {
            let mut request = TestRequest::with_uri(uri);
            for header in headers {
                request = request.append_header((HOST, *header));
            }
            requested(&request.to_http_request()).map(|host| host.map(str::to_owned))
        };
        let films = Ok(Some("films.example".to_owned()));
        assert_eq!(host("/", &["films.example"]), films);
        assert_eq!(host("http://films.example/", &[]), films);
        assert_eq!(host("http://films.example/", &["Films.Example"]), films);
        assert_eq!(host("/", &[]), Ok(None));
        assert_eq!(host("http://films.example/", &["evil.example"]), Err(InvalidHost));
        assert_eq!(host("http://evil@films.example/", &[]), Err(InvalidHost));
        assert_eq!(host("/", &["films.example", "films.example"]), Err(InvalidHost));
    }
}
