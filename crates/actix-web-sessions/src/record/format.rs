//! The bytes of a record: JSON, bound to its key.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::data::{Changes, Data};
use crate::error::{Result, StoreError};
use crate::expiry::{Expiry, Life, Policy, micros, since_epoch};
use crate::key::StoreKey;
use crate::store::{NewSession, Snapshot};

const FORMAT: u8 = 1;

/// The record stored under one key. Times are microseconds since 1970.
#[derive(Debug, Clone)]
pub struct Record {
    pub state: State,
    /// Until when no new session can be made under this key.
    pub reserved: u64,
}

#[derive(Debug, Clone)]
pub enum State {
    Live(Live),
    Retired { successor: StoreKey, follow: u64, ends: u64 },
    Ended,
}

#[derive(Debug, Clone)]
pub struct Live {
    pub data: Data,
    pub created: u64,
    pub ends: u64,
    pub expiry: Expiry,
}

/// The JSON. A record under the wrong key is damaged: nobody may copy a session to another id.
#[derive(Serialize, Deserialize)]
struct Json {
    format: u8,
    key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    data: Option<Data>,
    #[serde(default)]
    created: u64,
    #[serde(default)]
    ends: u64,
    /// Microseconds; 0 stands for the end of the browser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    own_lifetime: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    own_end: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    successor: Option<String>,
    #[serde(default)]
    follow: u64,
    #[serde(default)]
    reserved: u64,
}

/// Only the moments, for sweeps.
#[derive(Deserialize)]
struct Moments {
    format: u8,
    #[serde(default)]
    ends: u64,
    #[serde(default)]
    reserved: u64,
}

/// The part of a record that a sweep reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordState {
    /// It matters until this moment.
    KeptUntil(SystemTime),
    /// It cannot be read, and counts as missing.
    Damaged,
}

/// Returns until when a record that [`Versioned`](crate::Versioned) wrote matters.
pub fn record_state(record: &[u8]) -> RecordState {
    match serde_json::from_slice::<Moments>(record) {
        Ok(moments) if moments.format == FORMAT => {
            RecordState::KeptUntil(UNIX_EPOCH + span(moments.ends.max(moments.reserved)))
        }
        _ => RecordState::Damaged,
    }
}

/// Whether [`Versioned`](crate::Versioned) wrote this record, under this key.
pub fn record_is_of(key: &StoreKey, record: &[u8]) -> bool {
    Record::decode(key, record).is_some()
}

impl Record {
    /// Until when the record matters.
    pub fn kept_until(&self) -> u64 {
        let ends = match &self.state {
            State::Live(live) => live.ends,
            State::Retired { ends, .. } => *ends,
            State::Ended => 0,
        };
        ends.max(self.reserved)
    }

    pub fn encode(self, key: &StoreKey) -> Result<Vec<u8>> {
        let mut json = Json {
            format: FORMAT,
            key: key.to_hex(),
            data: None,
            created: 0,
            ends: 0,
            own_lifetime: None,
            own_end: None,
            successor: None,
            follow: 0,
            reserved: self.reserved,
        };
        match self.state {
            State::Live(live) => {
                (json.created, json.ends, json.data) = (live.created, live.ends, Some(live.data));
                (json.own_lifetime, json.own_end) = live.expiry.to_parts();
            }
            State::Retired { successor, follow, ends } => {
                json.successor = Some(successor.to_hex());
                (json.follow, json.ends) = (follow, ends);
            }
            State::Ended => {}
        }
        serde_json::to_vec(&json).map_err(StoreError::other)
    }

    /// Returns `None` for a damaged record.
    pub fn decode(key: &StoreKey, bytes: &[u8]) -> Option<Self> {
        let json: Json = serde_json::from_slice(bytes).ok()?;
        if json.format != FORMAT || StoreKey::from_hex(&json.key)? != *key {
            return None;
        }
        let expiry = Expiry::from_parts(json.own_lifetime, json.own_end);
        let state = match (json.data, json.successor) {
            (Some(data), None) => {
                State::Live(Live { data, created: json.created, ends: json.ends, expiry })
            }
            (None, Some(successor)) => {
                let successor = StoreKey::from_hex(&successor)?;
                State::Retired { successor, follow: json.follow, ends: json.ends }
            }
            (None, None) => State::Ended,
            (Some(_), Some(_)) => return None,
        };
        Some(Self { state, reserved: json.reserved })
    }
}

impl Live {
    pub fn new(session: &NewSession, policy: &Policy, now: u64) -> Self {
        let mut live = Self {
            data: session.data.clone(),
            created: now.saturating_sub(micros(session.age)),
            ends: 0,
            expiry: session.expiry.clamped(),
        };
        live.extend(policy, now);
        live
    }

    pub fn merge(&mut self, changes: &Changes, policy: &Policy, now: u64) {
        changes.apply_to(&mut self.data);
        if let Some(expiry) = changes.expiry {
            self.expiry = expiry.clamped();
        }
        self.extend(policy, now);
    }

    /// Sets the deadline that follows from the stored expiry.
    pub fn extend(&mut self, policy: &Policy, now: u64) {
        self.ends = match self.expiry {
            Expiry::At(moment) => since_epoch(moment),
            other => now.saturating_add(micros(policy.lifetime(other))),
        };
    }

    pub fn life(&self, now: u64) -> Life {
        Life { expiry: self.expiry, remaining: span(self.ends.saturating_sub(now)) }
    }

    pub fn snapshot(&self, now: u64) -> Snapshot {
        let age = span(now.saturating_sub(self.created));
        Snapshot::new(self.data.clone(), age, self.life(now))
    }
}

pub fn now() -> u64 {
    since_epoch(SystemTime::now())
}

pub fn span(micros: u64) -> Duration {
    Duration::from_micros(micros)
}
