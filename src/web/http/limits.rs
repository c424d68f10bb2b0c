//! What a client may ask for at most, and how much may be under way at once.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LENGTH, RETRY_AFTER, TRANSFER_ENCODING};
use actix_web::{HttpRequest, HttpResponse};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::client::Client;
use crate::web::state::Site;

/// Bytes of an address with its query. The server itself ends a connection that sends more than 96
/// headers or a head of 128 KiB.
const LONGEST_ADDRESS: usize = 16 << 10;

/// Bytes of a body that no form has.
pub const LARGE: u64 = 64 << 10;

/// Bytes of the largest body that any page takes, roughly.
const LARGEST: u64 = 1 << 20;

/// Why a request is not let in; the error page says it to the visitor.
pub struct Refusal {
    status: StatusCode,
    /// In seconds.
    retry_after: Option<u64>,
}

impl From<StatusCode> for Refusal {
    fn from(status: StatusCode) -> Self {
        Self { status, retry_after: None }
    }
}

impl Refusal {
    pub fn answer(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status);
        if let Some(seconds) = self.retry_after {
            answer.insert_header((RETRY_AFTER, seconds));
        }
        answer.finish()
    }
}

/// What a request is counted for until it is answered; or the refusal of one that is too long, or
/// asks for more than its share of the site.
pub fn admit(site: &Site, request: &HttpRequest) -> Result<Option<UnderWay>, Refusal> {
    let address = request.uri().path_and_query().map_or(0, |address| address.as_str().len());
    if address > LONGEST_ADDRESS {
        return Err(StatusCode::URI_TOO_LONG.into());
    }
    if let Some(seconds) = wait(site, request) {
        let status = StatusCode::TOO_MANY_REQUESTS;
        return Err(Refusal { status, retry_after: Some(seconds) });
    }
    // These are quick, and it is now that the operator wants to know.
    let spared = ["/static/", "/healthz", "/readyz", "/metrics"];
    if spared.iter().any(|path| request.path().starts_with(path)) {
        return Ok(None);
    }
    let under_way = site.load.begin(request);
    under_way.map(Some).ok_or(StatusCode::SERVICE_UNAVAILABLE.into())
}

/// Seconds until this request may come again.
fn wait(site: &Site, request: &HttpRequest) -> Option<u64> {
    let words = |part: &str| part.starts_with("q=");
    let searches =
        request.path().starts_with("/search") || request.query_string().split('&').any(words);
    let counts = !request.method().is_safe() || searches;
    if !counts {
        return None;
    }
    site.rates.wait(site.trusted_proxies.client(request)?)
}

/// Bytes of the body that is to come, as far as the request says.
pub fn announced(request: &HttpRequest) -> u64 {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    length.and_then(|length| length.parse().ok()).unwrap_or_default()
}

/// How much is under way. Who reads and who sends are counted apart: bodies that only trickle in keep
/// nobody from reading.
pub struct Load {
    reading: Arc<AtomicU64>,
    /// In pieces of [`LARGE`] bytes, so that what they take of memory is bounded too.
    sending: Arc<AtomicU64>,
    most: u64,
}

impl Load {
    /// Up to so many requests of each kind.
    pub fn new(most: u32) -> Self {
        Self { reading: Arc::default(), sending: Arc::default(), most: most.into() }
    }

    /// `None` while one more would make all of them late.
    fn begin(&self, request: &HttpRequest) -> Option<UnderWay> {
        let (kind, weight) = if request.method().is_safe() {
            (&self.reading, 1)
        } else if request.headers().contains_key(TRANSFER_ENCODING) {
            (&self.sending, 1 + LARGEST / LARGE)
        } else {
            (&self.sending, 1 + announced(request).min(LARGEST) / LARGE)
        };
        let under_way = UnderWay(Arc::clone(kind), weight);
        // One that is alone is never too much.
        let before = kind.fetch_add(weight, Ordering::Relaxed);
        (before == 0 || before + weight <= self.most).then_some(under_way)
    }
}

/// Until the answer is made, or the client is gone.
pub struct UnderWay(Arc<AtomicU64>, u64);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(self.1, Ordering::Relaxed);
    }
}

/// How many forms and searches each client sent of late.
pub struct Rates {
    limiter: Option<DefaultKeyedRateLimiter<u16>>,
    hasher: RandomState,
}

impl Rates {
    /// So many a minute, at once or spread over it; 0: any number.
    pub fn new(per_minute: u32) -> Self {
        let quota = NonZeroU32::new(per_minute).map(Quota::per_minute);
        Self { limiter: quota.map(RateLimiter::keyed), hasher: RandomState::new() }
    }

    /// Seconds until this client may come again; `None`: it may now. Who is near without a proxy's
    /// word is the operator's own, or a proxy that nobody named and that speaks for many.
    fn wait(&self, client: Client) -> Option<u64> {
        let limiter = self.limiter.as_ref()?;
        if !client.by_proxy && is_near(client.address) {
            return None;
        }
        let refused = limiter.check_key(&self.class(client.address)).err()?;
        Some(refused.wait_time_from(DefaultClock::default().now()).as_secs() + 1)
    }

    /// One of 65,536 classes, so that memory is bounded whoever calls; who shares one nobody outside
    /// can find out. Whoever has IPv6 has at least a /64 of it.
    fn class(&self, address: IpAddr) -> u16 {
        let whose = match address {
            IpAddr::V4(address) => u128::from(address.to_bits()),
            IpAddr::V6(address) => address.to_bits() >> 64,
        };
        let [high, low, ..] = self.hasher.hash_one(whose).to_be_bytes();
        u16::from_be_bytes([high, low])
    }
}

fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            address.is_loopback() || address.is_private() || address.is_link_local()
        }
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::Method;
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn bodies_count_by_their_size_and_keep_nobody_from_reading() {
        let load = Load::new(20);
        let post = |length: &str| {
            let post = TestRequest::post().insert_header((CONTENT_LENGTH, length));
            load.begin(&post.to_http_request())
        };
        let large = post("1048576");
        assert!(large.is_some(), "17 pieces");
        let small: Vec<_> = (0..4).map(|_| post("20")).collect();
        assert_eq!(small.iter().flatten().count(), 3);
        assert!(load.begin(&TestRequest::get().to_http_request()).is_some());
        drop(small);
        let chunked = TestRequest::with_uri("/").method(Method::POST);
        let chunked = chunked.insert_header((TRANSFER_ENCODING, "chunked")).to_http_request();
        assert!(load.begin(&chunked).is_none(), "nobody knows how much it will be");
        drop(large);
        assert!(load.begin(&chunked).is_some());
        assert!(Load::new(1).begin(&chunked).is_some(), "it is alone");
        assert_eq!(load.sending.load(Ordering::Relaxed), 0);
    }

    fn client(address: &str) -> Client {
        Client { address: address.parse().unwrap(), by_proxy: false }
    }

    #[test]
    fn a_network_of_ipv6_is_one_client() {
        let rates = Rates::new(2);
        assert_eq!(rates.wait(client("2001:db8:1:2::1")), None);
        assert_eq!(rates.wait(client("2001:db8:1:2:ffff::9")), None);
        let seconds = rates.wait(client("2001:db8:1:2::3")).unwrap();
        assert!((1..=31).contains(&seconds), "{seconds}");
    }

    #[test]
    fn memory_is_bounded_whoever_calls() {
        let rates = Rates::new(1);
        for address in 0..200_000_u32 {
            rates.wait(Client { address: IpAddr::V4(address.into()), by_proxy: true });
        }
        assert!(rates.limiter.unwrap().len() <= 1 << 16);
    }

    #[test]
    fn a_proxy_that_nobody_named_is_not_limited() {
        let rates = Rates::new(1);
        for address in ["127.0.0.1", "::1", "10.1.2.3", "fd00::1"] {
            assert!((0..3).all(|_| rates.wait(client(address)).is_none()), "{address}");
        }
        let named = Client { by_proxy: true, ..client("10.1.2.3") };
        assert_eq!(rates.wait(named), None);
        assert!(rates.wait(named).is_some(), "a client in the same house, by a proxy's word");
        assert!((0..3).all(|_| Rates::new(0).wait(named).is_none()), "0: any number");
    }
}
