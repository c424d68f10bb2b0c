//! The values of `SESSION_CACHE_URL`.

use std::fs;

use anyhow::{Context, bail, ensure};
use percent_encoding::percent_decode_str;
use redis::{Client, TlsCertificates};

const DEFAULT_BYTES: usize = 64 << 20;
const MIN_BYTES: usize = 64 << 10;

/// Which cache, and where.
pub enum CacheUrl {
    /// In this process, of at most so many bytes.
    Memory { bytes: usize },
    /// The Redis server of this URL.
    Redis(Client),
}

impl CacheUrl {
    /// Reads the URL; connects to nothing. No message repeats it, as there may be a password in it.
    pub fn parse(url: &str) -> anyhow::Result<Self> {
        Self::parse_url(url).context("SESSION_CACHE_URL")
    }

    fn parse_url(url: &str) -> anyhow::Result<Self> {
        let (scheme, rest) = url.split_once("://").context("there is no :// in it")?;
        match scheme {
            "memory" => Ok(Self::Memory { bytes: bytes(rest)? }),
            "rediss" if rest.contains('#') => bail!("rediss:// without #: a server is verified"),
            "redis" | "rediss" | "redis+unix" => Ok(Self::Redis(client(url)?)),
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
    ensure!(bytes >= MIN_BYTES, "bytes must be at least {MIN_BYTES}");
    Ok(bytes)
}

/// `sslrootcert` in the URL names the file with the authorities to trust; without it those of the
/// system are.
fn client(url: &str) -> anyhow::Result<Client> {
    let parameters = url.split_once('?').map_or("", |(_, parameters)| parameters);
    let file = parameters.split('&').find_map(|pair| pair.strip_prefix("sslrootcert="));
    let client = match file {
        None => Client::open(url),
        Some(file) => {
            let file = percent_decode_str(file).decode_utf8_lossy();
            let root_cert = Some(fs::read(&*file).with_context(|| format!("sslrootcert={file}"))?);
            Client::build_with_tls(url, TlsCertificates { client_tls: None, root_cert })
        }
    };
    client.context("not the address of a Redis server")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cache_url_scheme_selects_the_cache() {
        let memory = |url| match CacheUrl::parse(url) {
            Ok(CacheUrl::Memory { bytes }) => Some(bytes),
            _ => None,
        };
        assert_eq!(memory("memory://"), Some(64 << 20));
        assert_eq!(memory("memory://?bytes=70000"), Some(70_000));
        for url in
            ["redis://cache:6379/2", "rediss://cache:6380", "redis+unix:///run/redis.sock?db=2"]
        {
            assert!(matches!(CacheUrl::parse(url), Ok(CacheUrl::Redis(_))), "{url}");
        }
    }

    #[test]
    fn errors_do_not_show_the_password() {
        for (url, reason) in [
            ("rediss://:secret@cache#insecure", "rediss:// without #"),
            ("memcached://:secret@cache", "memcached:// is not known"),
            ("secret", "there is no ://"),
            ("memory://secret", "only ?bytes= may follow"),
            ("memory://?bytes=much", "not a number"),
            ("memory://?bytes=10", "at least 65536"),
        ] {
            let message = format!("{:#}", CacheUrl::parse(url).err().unwrap());
            assert!(message.contains("SESSION_CACHE_URL"), "{message}");
            assert!(message.contains(reason), "{message}");
            assert!(!message.contains("secret"), "{message}");
        }
    }
}
