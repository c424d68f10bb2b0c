//! What a client may ask for at most.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;

use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpRequest, HttpResponse};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::Site;
use super::client::Client;

/// The answer to a request that asks for more than its share.
pub fn refusal(site: &Site, request: &HttpRequest) -> Option<HttpResponse> {
    let counts = !request.method().is_safe() || request.path().starts_with("/search");
    if !counts {
        return None;
    }
    let client = site.trusted_proxies.client(request)?;
    let seconds = site.rates.wait(client)?;
    Some(HttpResponse::TooManyRequests().insert_header((RETRY_AFTER, seconds)).finish())
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
    use super::*;

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
