//! A session as its store has it, seen and changed past the site.

use std::fs;

use sha2::{Digest, Sha256};

use super::Probe;
use crate::support;

impl Probe {
    /// Seconds until the store lets go of this session; `None` where nobody can look: in the
    /// memory of the process, and in a sealed cookie.
    pub async fn life(&self, cookie: &str) -> Option<i64> {
        let hash = hash(cookie);
        match self.engine.name {
            "db" | "cached_db" => {
                let query = format!(
                    "SELECT round(extract(epoch FROM expires_at - now()))::bigint AS number
                     FROM sessions WHERE encode(key_hash, 'hex') = '{}'",
                    hex(&hash)
                );
                Some(support::number(&self.database, &query).await)
            }
            "cache" if self.engine.redis => {
                let left: i64 = self.redis(&["PTTL", &entry(cookie)]).await;
                Some((left + 500).div_euclid(1000))
            }
            "file" => {
                let ends = self.record(&hash)["ends"].as_i64().unwrap();
                let left = ends - chrono::Utc::now().timestamp_micros();
                Some((left + 500_000).div_euclid(1_000_000))
            }
            _ => None,
        }
    }

    /// Checks [`Probe::life`], where that can be seen, to two seconds.
    pub async fn assert_life(&self, cookie: &str, seconds: i64, why: &str) {
        if let Some(life) = self.life(cookie).await {
            assert!((seconds - 2..=seconds + 2).contains(&life), "{life}, not {seconds}: {why}");
        }
    }

    /// Makes the stored session so many seconds older, as if nobody had come meanwhile; whether
    /// anybody can.
    pub async fn age(&self, cookie: &str, seconds: i64) -> bool {
        let hash = hash(cookie);
        match self.engine.name {
            "db" | "cached_db" => {
                self.execute(&format!(
                    "UPDATE sessions SET expires_at = expires_at - interval '{seconds} s',
                     sweep_hour = ceil(extract(epoch FROM expires_at - interval '{seconds} s')
                     / 3600), created_at = created_at - interval '{seconds} s'
                     WHERE encode(key_hash, 'hex') = '{}'",
                    hex(&hash)
                ))
                .await;
            }
            "cache" if self.engine.redis => {
                let entry = entry(cookie);
                let left: i64 = self.redis(&["PTTL", &entry]).await;
                let left = (left - seconds * 1000).to_string();
                let _: i64 = self.redis(&["PEXPIRE", &entry, &left]).await;
                let by = (-seconds * 1000).to_string();
                let _: i64 = self.redis(&["HINCRBY", &entry, "\0created", &by]).await;
            }
            "file" => {
                let mut record = self.record(&hash);
                for name in ["created", "ends"] {
                    let moment = record[name].as_i64().unwrap() - seconds * 1_000_000;
                    record[name] = moment.into();
                }
                fs::write(self.file(&hash), record.to_string()).unwrap();
            }
            _ => return false,
        }
        true
    }

    /// How many sessions the store has, swept or not; `None` where nobody can look.
    pub async fn stored(&self) -> Option<usize> {
        match self.engine.name {
            "db" | "cached_db" => Some(self.count("sessions").await.try_into().unwrap()),
            "file" => Some(self.files().len()),
            _ => None,
        }
    }

    /// One command to the Redis of the tests.
    pub async fn redis<T: redis::FromRedisValue>(&self, command: &[&str]) -> T {
        let url = std::env::var("TEST_REDIS_URL").unwrap();
        let client = redis::Client::open(url).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let mut call = redis::cmd(command[0]);
        call.arg(&command[1..]).query_async(&mut connection).await.unwrap()
    }

    fn record(&self, hash: &[u8]) -> serde_json::Value {
        serde_json::from_slice(&fs::read(self.file(hash)).unwrap()).unwrap()
    }

    fn file(&self, hash: &[u8]) -> std::path::PathBuf {
        self.folder.path().join(format!("sessionid{}", hex(hash)))
    }
}

/// Returns the Redis key of the session of this cookie.
pub fn entry(cookie: &str) -> String {
    let (name, _) = cookie.split_once('=').unwrap();
    format!("{name}{}", hex(&hash(cookie)))
}

/// Returns the Redis key of the session's copy.
pub fn copy(cookie: &str) -> String {
    let (name, _) = cookie.split_once('=').unwrap();
    format!("{name}copy:{}", hex(&hash(cookie)))
}

/// Of the key in a cookie, as the browser sends that.
fn hash(cookie: &str) -> [u8; 32] {
    Sha256::digest(cookie.split_once('=').unwrap().1).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
