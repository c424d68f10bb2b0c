//! What `SESSION_CACHE_URL` may say.

use anyhow::{Context, bail, ensure};

const DEFAULT_BYTES: usize = 64 << 20;
const FEWEST_BYTES: usize = 64 << 10;

/// Which cache, and where.
#[derive(Debug, PartialEq, Eq)]
pub enum Address<'a> {
    /// In this process, holding at most so many bytes.
    Memory { bytes: usize },
    /// At the Redis server of this URL.
    Redis { url: &'a str },
}

impl<'a> Address<'a> {
    /// No message repeats the URL: there may be a password in it.
    pub fn parse(url: &'a str) -> anyhow::Result<Self> {
        Self::parse_url(url).context("SESSION_CACHE_URL")
    }

    fn parse_url(url: &'a str) -> anyhow::Result<Self> {
        let (scheme, rest) = url.split_once("://").context("there is no :// in it")?;
        match scheme {
            "memory" => Ok(Self::Memory { bytes: bytes(rest)? }),
            "rediss" if rest.contains('#') => bail!("rediss:// without #: a server is verified"),
            "redis" | "rediss" | "redis+unix" => Ok(Self::Redis { url }),
            _ => bail!(
                "{scheme}:// is not known; use memory://, redis://, rediss:// or redis+unix://"
            ),
        }
    }
}

fn bytes(rest: &str) -> anyhow::Result<usize> {
    if rest.is_empty() {
        return Ok(DEFAULT_BYTES);
    }
    let bytes = rest.strip_prefix("?bytes=").context("after memory:// only ?bytes= may follow")?;
    let bytes = bytes.parse().context("bytes is not a number")?;
    ensure!(bytes >= FEWEST_BYTES, "bytes must be at least {FEWEST_BYTES}");
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cache_has_its_scheme() {
        let memory = |bytes| Address::Memory { bytes };
        assert_eq!(Address::parse("memory://").unwrap(), memory(64 << 20));
        assert_eq!(Address::parse("memory://?bytes=70000").unwrap(), memory(70_000));
        for url in
            ["redis://cache:6379/2", "rediss://cache:6380", "redis+unix:///run/redis.sock?db=2"]
        {
            assert_eq!(Address::parse(url).unwrap(), Address::Redis { url });
        }
    }

    #[test]
    fn what_is_wrong_is_said_without_the_password() {
        for (url, reason) in [
            ("rediss://:secret@cache#insecure", "rediss:// without #"),
            ("memcached://:secret@cache", "memcached:// is not known"),
            ("secret", "there is no ://"),
            ("memory://secret", "only ?bytes= may follow"),
            ("memory://?bytes=much", "not a number"),
            ("memory://?bytes=10", "at least 65536"),
        ] {
            let message = format!("{:#}", Address::parse(url).unwrap_err());
            assert!(message.contains("SESSION_CACHE_URL"), "{message}");
            assert!(message.contains(reason), "{message}");
            assert!(!message.contains("secret"), "{message}");
        }
    }
}
