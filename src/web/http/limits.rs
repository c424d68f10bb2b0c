//! Rate limits for each client, and the limit of concurrent requests.

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

use super::client::{Client, Proxies};

/// Maximum size of path and query, in bytes. The server itself closes a connection that sends more
/// than 96 headers or a head of 128 KiB.
const MAX_URL_SIZE: usize = 16 << 10;

/// Maximum size of an ordinary form, in bytes. Larger bodies are uploads.
pub(crate) const MAX_FORM_SIZE: u64 = 64 << 10;

/// Approximate maximum size of an upload, in bytes.
const MAX_UPLOAD_SIZE: u64 = 1 << 20;

/// The reason why a request is not admitted. The error page explains it.
pub(crate) struct Refusal {
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
    pub(crate) fn response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if let Some(seconds) = self.retry_after {
            response.insert_header((RETRY_AFTER, seconds));
        }
        response.finish()
    }
}

/// All limits of a server.
pub(crate) struct Limits {
    proxies: Proxies,
    rate: RateLimit,
    concurrency: ConcurrencyLimit,
}

impl Limits {
    /// `requests_per_minute` applies to the forms and searches of one client; 0 means unlimited.
    pub(crate) fn new(proxies: Proxies, requests_per_minute: u32, max_concurrent: u32) -> Self {
        let rate = RateLimit::new(requests_per_minute);
        Self { proxies, rate, concurrency: ConcurrencyLimit::new(max_concurrent) }
    }

    /// Returns a guard that counts the request as in flight, if it is of a kind that is counted.
    ///
    /// # Errors
    /// When the URL is too long or a limit is exceeded.
    pub(crate) fn admit(&self, request: &HttpRequest) -> Result<Option<InFlight>, Refusal> {
        let url = request.uri().path_and_query().map_or(0, |url| url.as_str().len());
        if url > MAX_URL_SIZE {
            return Err(StatusCode::URI_TOO_LONG.into());
        }
        if let Some(seconds) = self.retry_after(request) {
            let status = StatusCode::TOO_MANY_REQUESTS;
            return Err(Refusal { status, retry_after: Some(seconds) });
        }
        // Cheap, and the operator needs monitoring most while the site is overloaded.
        let exempt = ["/static/", "/healthz", "/readyz", "/metrics"];
        if exempt.iter().any(|path| request.path().starts_with(path)) {
            return Ok(None);
        }
        let in_flight = self.concurrency.begin(request);
        in_flight.map(Some).ok_or(StatusCode::SERVICE_UNAVAILABLE.into())
    }

    /// Returns the seconds after which a rate-limited request may be repeated.
    fn retry_after(&self, request: &HttpRequest) -> Option<u64> {
        let has_words = |part: &str| part.starts_with("q=");
        let searches = request.path().starts_with("/search")
            || request.query_string().split('&').any(has_words);
        if request.method().is_safe() && !searches {
            return None;
        }
        self.rate.retry_after(self.proxies.client(request)?)
    }
}

/// Returns the `Content-Length` of a request, 0 if it has none.
pub(crate) fn announced_size(request: &HttpRequest) -> u64 {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    length.and_then(|length| length.parse().ok()).unwrap_or_default()
}

/// Limits the requests in flight. Reads and writes are counted separately, so that slow uploads do
/// not keep visitors from reading.
struct ConcurrencyLimit {
    reads: Arc<AtomicU64>,
    /// In units of [`MAX_FORM_SIZE`] bytes, which bounds the memory of buffered bodies, too.
    writes: Arc<AtomicU64>,
    max: u64,
}

impl ConcurrencyLimit {
    fn new(max: u32) -> Self {
        Self { reads: Arc::default(), writes: Arc::default(), max: max.into() }
    }

    /// Returns `None` at the limit.
    fn begin(&self, request: &HttpRequest) -> Option<InFlight> {
        let (counter, weight) = if request.method().is_safe() {
            (&self.reads, 1)
        } else if request.headers().contains_key(TRANSFER_ENCODING) {
            (&self.writes, 1 + MAX_UPLOAD_SIZE / MAX_FORM_SIZE)
        } else {
            (&self.writes, 1 + announced_size(request).min(MAX_UPLOAD_SIZE) / MAX_FORM_SIZE)
        };
        let in_flight = InFlight(Arc::clone(counter), weight);
        // A single request is admitted whatever its weight.
        let before = counter.fetch_add(weight, Ordering::Relaxed);
        (before == 0 || before + weight <= self.max).then_some(in_flight)
    }
}

/// Counts a request as in flight until its response is made or its client disconnects.
pub(crate) struct InFlight(Arc<AtomicU64>, u64);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.fetch_sub(self.1, Ordering::Relaxed);
    }
}

/// Limits the forms and searches of each client.
struct RateLimit {
    limiter: Option<DefaultKeyedRateLimiter<u16>>,
    hasher: RandomState,
}

impl RateLimit {
    fn new(per_minute: u32) -> Self {
        let quota = NonZeroU32::new(per_minute).map(Quota::per_minute);
        Self { limiter: quota.map(RateLimiter::keyed), hasher: RandomState::new() }
    }

    /// Counts a request. Returns the seconds to wait if it exceeds the limit. Local addresses that
    /// no trusted proxy vouched for are exempt: they are the operator's, or an unconfigured proxy
    /// shared by many clients.
    fn retry_after(&self, client: Client) -> Option<u64> {
        let limiter = self.limiter.as_ref()?;
        if !client.by_proxy && is_local_network(client.address) {
            return None;
        }
        let refused = limiter.check_key(&self.bucket(client.address)).err()?;
        Some(refused.wait_time_from(DefaultClock::default().now()).as_secs() + 1)
    }

    /// Hashes an address into one of 65,536 buckets to bound memory. The hash is keyed, so that
    /// collisions cannot be provoked. An IPv6 client has at least a /64, which is one bucket.
    fn bucket(&self, address: IpAddr) -> u16 {
        let client = match address {
            IpAddr::V4(address) => u128::from(address.to_bits()),
            IpAddr::V6(address) => address.to_bits() >> 64,
        };
        let [high, low, ..] = self.hasher.hash_one(client).to_be_bytes();
        u16::from_be_bytes([high, low])
    }
}

fn is_local_network(address: IpAddr) -> bool {
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
    fn concurrency_limit_weighs_bodies_and_counts_reads_separately() {
        let limit = ConcurrencyLimit::new(20);
        let post = |length: &str| {
            let post = TestRequest::post().insert_header((CONTENT_LENGTH, length));
            limit.begin(&post.to_http_request())
        };
        let large = post("1048576");
        assert!(large.is_some(), "weight 17");
        let small: Vec<_> = (0..4).map(|_| post("20")).collect();
        assert_eq!(small.iter().flatten().count(), 3);
        assert!(limit.begin(&TestRequest::get().to_http_request()).is_some());
        drop(small);
        let chunked = TestRequest::with_uri("/").method(Method::POST);
        let chunked = chunked.insert_header((TRANSFER_ENCODING, "chunked")).to_http_request();
        assert!(limit.begin(&chunked).is_none(), "of unknown size");
        drop(large);
        assert!(limit.begin(&chunked).is_some());
        assert!(ConcurrencyLimit::new(1).begin(&chunked).is_some(), "a single request");
        assert_eq!(limit.writes.load(Ordering::Relaxed), 0);
    }

    fn client(address: &str) -> Client {
        Client { address: address.parse().unwrap(), by_proxy: false }
    }

    #[test]
    fn rate_limit_treats_an_ipv6_network_as_one_client() {
        let limit = RateLimit::new(2);
        assert_eq!(limit.retry_after(client("2001:db8:1:2::1")), None);
        assert_eq!(limit.retry_after(client("2001:db8:1:2:ffff::9")), None);
        let seconds = limit.retry_after(client("2001:db8:1:2::3")).unwrap();
        assert!((1..=31).contains(&seconds), "{seconds}");
    }

    #[test]
    fn rate_limit_memory_is_bounded() {
        let limit = RateLimit::new(1);
        for address in 0..200_000_u32 {
            limit.retry_after(Client { address: IpAddr::V4(address.into()), by_proxy: true });
        }
        assert!(limit.limiter.unwrap().len() <= 1 << 16);
    }

    #[test]
    fn rate_limit_exempts_local_addresses() {
        let limit = RateLimit::new(1);
        for address in ["127.0.0.1", "::1", "10.1.2.3", "fd00::1"] {
            assert!((0..3).all(|_| limit.retry_after(client(address)).is_none()), "{address}");
        }
        let vouched = Client { by_proxy: true, ..client("10.1.2.3") };
        assert_eq!(limit.retry_after(vouched), None);
        assert!(limit.retry_after(vouched).is_some(), "a local client behind a trusted proxy");
        assert!((0..3).all(|_| RateLimit::new(0).retry_after(vouched).is_none()), "unlimited");
    }
}
