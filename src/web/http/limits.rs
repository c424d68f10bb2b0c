//! Rate limits for each client, and the limit of concurrent requests.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};

use actix_web::dev::ServiceRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpRequest, HttpResponse};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter};

use super::client::{Client, Proxies};
use super::crawler;
use super::query::Query;

/// Maximum size of path and query, in bytes. The server itself closes a connection that sends more
/// than 96 headers or a head of 128 KiB.
const MAX_URL_SIZE: usize = 16 << 10;

/// Size of what a request holds in memory that counts as one more request, in bytes.
const UNIT: u64 = 64 << 10;

/// Lists of several criteria for all declared crawlers together, per minute. Each is costly, and
/// there is no end of them.
const CRAWLED_LISTS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(60).unwrap();

/// Parameters that narrow a list.
const CRITERIA: [&str; 8] =
    ["q", "tag", "decade", "director", "actor", "country", "language", "runtime"];

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
    fn too_many(retry_after: u64) -> Self {
        Self { status: StatusCode::TOO_MANY_REQUESTS, retry_after: Some(retry_after) }
    }

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
    new_sessions: RateLimit,
    crawled_lists: DefaultDirectRateLimiter,
    reads: Meter,
    writes: Meter,
    responses: Meter,
    writes_of_client: Arc<[AtomicU16]>,
    max_writes_of_client: u16,
}

impl Limits {
    /// `requests_per_minute` applies to the forms and searches of one client, and separately to its pages
    /// without a session; 0 means unlimited.
    /// `max_concurrent` applies to reads, to writes and to large responses separately, so that slow
    /// uploads and slow readers do not keep visitors from reading.
    pub(crate) fn new(proxies: Proxies, requests_per_minute: u32, max_concurrent: u32) -> Self {
        let share = u16::try_from(max_concurrent / 8).unwrap_or(u16::MAX);
        Self {
            proxies,
            rate: RateLimit::new(requests_per_minute),
            new_sessions: RateLimit::new(requests_per_minute),
            crawled_lists: RateLimiter::direct(Quota::per_minute(CRAWLED_LISTS_PER_MINUTE)),
            reads: Meter::new(max_concurrent),
            writes: Meter::new(max_concurrent),
            responses: Meter::new(max_concurrent),
            writes_of_client: (0..BUCKETS).map(|_| AtomicU16::new(0)).collect(),
            max_writes_of_client: share.max(4),
        }
    }

    /// Returns a guard that counts the request as in flight, if it is of a kind that is counted.
    ///
    /// # Errors
    /// When the URL is too long or a limit is exceeded.
    pub(crate) fn admit(&self, request: &ServiceRequest) -> Result<Option<InFlight>, Refusal> {
        let url = request.uri().path_and_query().map_or(0, |url| url.as_str().len());
        if url > MAX_URL_SIZE {
            return Err(StatusCode::URI_TOO_LONG.into());
        }
        let client = self.proxies.client(request.request());
        if let Some(seconds) = self.retry_after(request, client) {
            return Err(Refusal::too_many(seconds));
        }
        // Cheap, and the operator needs monitoring most while the site is overloaded.
        let exempt = ["/static/", "/healthz", "/readyz", "/metrics"];
        if exempt.iter().any(|path| decoded_path(request).starts_with(path)) {
            return Ok(None);
        }
        let overloaded = || Refusal::from(StatusCode::SERVICE_UNAVAILABLE);
        if request.method().is_safe() {
            return self.reads.begin(1).map(Some).ok_or_else(overloaded);
        }
        let client = match client.filter(|client| !client.is_exempt()) {
            Some(client) => Some(self.begin_write(client).ok_or(Refusal::too_many(1))?),
            None => None,
        };
        let mut in_flight = self.writes.begin(1).ok_or_else(overloaded)?;
        in_flight.client = client;
        Ok(Some(in_flight))
    }

    /// Counts a page for a client without a session. Returns false at the limit: the client may not get
    /// another session.
    pub(crate) fn admits_session(&self, request: &HttpRequest) -> bool {
        let client = self.proxies.client(request);
        client.is_none_or(|client| self.new_sessions.retry_after(client).is_none())
    }

    /// Returns a guard that counts a response of that size until it is sent, `None` at the limit.
    pub(crate) fn begin_response(&self, size: u64) -> Option<InFlight> {
        self.responses.begin(1 + size / UNIT)
    }

    /// Counts a form of that client, which may have a share of all at a time.
    fn begin_write(&self, client: Client) -> Option<WriteOfClient> {
        let bucket = usize::from(self.rate.bucket(client.address));
        let write = WriteOfClient { counters: Arc::clone(&self.writes_of_client), bucket };
        let before = self.writes_of_client[bucket].fetch_add(1, Ordering::Relaxed);
        (before < self.max_writes_of_client).then_some(write)
    }

    /// Returns the seconds after which a rate-limited request may be repeated.
    fn retry_after(&self, request: &ServiceRequest, client: Option<Client>) -> Option<u64> {
        let path = decoded_path(request);
        let query = request.query_string();
        let query = (!query.is_empty()).then(|| Query::parse(query.as_bytes()));
        let words = query.as_ref().and_then(|query| query.get("q"));
        let searches = path == "/search"
            || path.starts_with("/search/")
            || words.is_some_and(|words| !words.trim().is_empty());
        if (!request.method().is_safe() || searches)
            && let Some(seconds) = self.rate.retry_after(client?)
        {
            return Some(seconds);
        }
        let count =
            |query: Query<'_>| CRITERIA.iter().map(|name| query.all(name).count()).sum::<usize>();
        let named = query.map_or(0, count);
        let lists = ["/movies/tags/", "/movies/decades/", "/movies/countries/"];
        let criteria = named + usize::from(lists.iter().any(|list| path.starts_with(list)));
        if criteria > 1 && crawler::is_declared(request.request()) {
            return wait(self.crawled_lists.check());
        }
        None
    }
}

/// Returns the path as routes match it: the same address may be spelt in many ways.
pub(crate) fn decoded_path(request: &ServiceRequest) -> &str {
    request.match_info().as_str()
}

/// Counts requests in flight, and the memory that they hold, in units.
struct Meter {
    units: Arc<AtomicU64>,
    max: u64,
}

impl Meter {
    fn new(max: u32) -> Self {
        Self { units: Arc::default(), max: max.into() }
    }

    /// Returns `None` at the limit. A single request is admitted whatever its weight.
    fn begin(&self, weight: u64) -> Option<InFlight> {
        let units = Arc::clone(&self.units);
        let in_flight = InFlight { units, weight, max: self.max, client: None };
        let before = self.units.fetch_add(weight, Ordering::Relaxed);
        (before == 0 || before + weight <= self.max).then_some(in_flight)
    }
}

/// Counts a request as in flight until its response is made or its client disconnects.
pub(crate) struct InFlight {
    units: Arc<AtomicU64>,
    weight: u64,
    max: u64,
    client: Option<WriteOfClient>,
}

impl InFlight {
    /// Counts the bytes that the request holds in memory by now. Returns false at the limit.
    pub(crate) fn grow(&mut self, size: u64) -> bool {
        let more = (1 + size / UNIT).saturating_sub(self.weight);
        if more == 0 {
            return true;
        }
        let before = self.units.fetch_add(more, Ordering::Relaxed);
        let is_alone = before == self.weight;
        self.weight += more;
        is_alone || before + more <= self.max
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.units.fetch_sub(self.weight, Ordering::Relaxed);
    }
}

/// Counts one of the forms that a client sends at a time.
struct WriteOfClient {
    counters: Arc<[AtomicU16]>,
    bucket: usize,
}

impl Drop for WriteOfClient {
    fn drop(&mut self) {
        self.counters[self.bucket].fetch_sub(1, Ordering::Relaxed);
    }
}

/// Buckets into which clients are hashed to bound memory.
const BUCKETS: usize = 1 << 16;

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

    /// Counts a request. Returns the seconds to wait if it exceeds the limit.
    fn retry_after(&self, client: Client) -> Option<u64> {
        let limiter = self.limiter.as_ref()?;
        if client.is_exempt() {
            return None;
        }
        wait(limiter.check_key(&self.bucket(client.address)))
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

/// Returns the seconds until a refused request may be repeated.
fn wait(checked: Result<(), NotUntil<<DefaultClock as Clock>::Instant>>) -> Option<u64> {
    let refused = checked.err()?;
    Some(refused.wait_time_from(DefaultClock::default().now()).as_secs() + 1)
}

impl Client {
    /// Local addresses that came through no trusted proxy are exempt from limits: they are the
    /// operator's, or an unconfigured proxy shared by many clients.
    fn is_exempt(&self) -> bool {
        !self.by_proxy && is_local_network(self.address)
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
    use super::*;

    #[test]
    fn requests_are_weighed_by_the_bytes_that_have_arrived() {
        let meter = Meter::new(20);
        let mut large = meter.begin(1).unwrap();
        assert!(large.grow(65_535) && large.grow(1 << 20), "weight 17");
        let small: Vec<_> = (0..4).map(|_| meter.begin(1)).collect();
        assert_eq!(small.iter().flatten().count(), 3);
        drop(small);
        assert!(!large.grow(4 << 20) || meter.units.load(Ordering::Relaxed) == large.weight);
        drop(large);
        assert_eq!(meter.units.load(Ordering::Relaxed), 0);
        let mut one = meter.begin(100).expect("a single request");
        assert!(one.grow(100 << 20), "a single request");
        assert!(meter.begin(1).is_none());
        drop(one);
        let (mut one, other) = (meter.begin(1).unwrap(), meter.begin(1));
        assert!(!one.grow(2 << 20));
        drop((one, other));
        assert_eq!(meter.units.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn in_flight_forms_are_limited_per_client() {
        let limits = Limits::new(Proxies::default(), 0, 64);
        let of = |address| limits.begin_write(client(address));
        let all: Vec<_> = (0..9).map(|_| of("203.0.113.7")).collect();
        assert_eq!(all.iter().flatten().count(), 8);
        assert!(of("203.0.113.8").is_some());
        drop(all);
        assert!(of("203.0.113.7").is_some());
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
