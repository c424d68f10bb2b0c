//! One test of each statement.

mod counting;
mod ending;
mod faults;
mod reading;

use std::future::poll_fn;
use std::task::Poll;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Checked, Verdict};
use crate::data::{Changes, Data};
use crate::expiry::{Expiry, Policy};
use crate::key::{SessionId, StoreKey};
use crate::store::{Inserted, Loaded, Merged, NewSession, Retire, Rotated, Snapshot, Store};

pub use self::faults::{damaged_record, held_key};

/// The statements that need no access to the backend.
pub const STATEMENTS: std::ops::RangeInclusive<u8> = 1..=32;

const POLICY: Policy = Policy { age: Duration::from_secs(600), touch_threshold: Duration::ZERO };

/// Minimum rest of a deadline when a response arrives on a slow machine.
const TOLERANCE: Duration = Duration::from_secs(5);

pub(super) type Checks = Result<(), String>;

macro_rules! ensure {
    ($condition:expr, $($message:tt)+) => {
        if !$condition {
            return Err(format!($($message)+));
        }
    };
}

/// Fails unless a value matches a pattern.
macro_rules! ensure_matches {
    ($value:expr, $pattern:pat) => {
        match $value {
            $pattern => {}
            other => return Err(format!("{other:?} instead of {}", stringify!($pattern))),
        }
    };
}

pub(super) use {ensure, ensure_matches};

/// Two handles on one namespace.
struct Case<S> {
    store: S,
    other: S,
}

pub(super) async fn test<F, O, S>(factory: &F, number: u8, namespace: String) -> Checked
where
    F: Fn(String) -> O,
    O: Future<Output = S>,
    S: Store,
{
    let case = Case { store: factory(namespace.clone()).await, other: factory(namespace).await };
    let capabilities = case.store.capabilities();
    let skip = |reason: &str| Ok(Verdict::Skipped(format!("the store does not claim {reason}")));
    match number {
        11..=14 if !capabilities.counters => return skip("counters"),
        31 if !capabilities.principals => return skip("principals"),
        _ => {}
    }
    let case = &case;
    let checked = match number {
        1 => case.unknown_key().await,
        2 => case.insert_and_load().await,
        3 => case.insert_never_overwrites().await,
        4 => case.values_read_back().await,
        5 => case.deadline_ends().await,
        6 => case.merge_applies().await,
        7 => case.deadlines_follow_expiry().await,
        8 => case.expiry_is_replaced_or_left().await,
        9 => case.concurrent_merges().await,
        10 => case.merge_on_dead_keys().await,
        11 => case.add_rules().await,
        12 => case.concurrent_additions().await,
        13 => case.add_returns_all().await,
        14 => case.swap_compares().await,
        15 => case.touch_rules().await,
        16 => case.rotate_moves().await,
        17 => case.concurrent_rotations().await,
        18 => case.rotate_dead_key().await,
        19 => case.follow().await,
        20 => case.refuse().await,
        21 => case.retired_key_shows_nothing().await,
        22 => case.delete_ends_all().await,
        23 => case.delete_of_absent_key().await,
        24 => case.nothing_revives().await,
        25 => case.reserved_after_end().await,
        26 => case.reserve_without_session().await,
        27 => case.reservation_ends().await,
        28 => case.two_handles_agree().await,
        29 => case.dropped_futures().await,
        30 => case.sweep().await,
        31 => case.principals().await,
        32 => case.check_is_true().await,
        _ => Err(format!("there is no SC-{number} in this kit")),
    };
    checked.map(|()| Verdict::Passed)
}

fn key() -> StoreKey {
    SessionId::generate().expect("random bytes").key()
}

fn data(value: Value) -> Data {
    serde_json::from_value(value).expect("an object")
}

pub(super) fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn new(value: Value) -> NewSession {
    NewSession { data: data(value), ..NewSession::default() }
}

fn set(value: Value) -> Changes {
    Changes { set: data(value), ..Changes::default() }
}

fn expiring(expiry: Expiry) -> Changes {
    Changes { expiry: Some(expiry), ..Changes::default() }
}

/// Waits for all futures at once, without another crate.
pub(super) async fn together<T>(
    futures: impl IntoIterator<Item = impl Future<Output = T>>,
) -> Vec<T> {
    let mut pending: Vec<_> = futures.into_iter().map(|future| (Box::pin(future), None)).collect();
    poll_fn(move |context| {
        let mut waiting = false;
        for (future, answer) in &mut pending {
            if answer.is_none() {
                match future.as_mut().poll(context) {
                    Poll::Ready(value) => *answer = Some(value),
                    Poll::Pending => waiting = true,
                }
            }
        }
        if waiting {
            return Poll::Pending;
        }
        Poll::Ready(pending.iter_mut().filter_map(|(_, answer)| answer.take()).collect())
    })
    .await
}

fn close(got: Duration, wanted: Duration) -> bool {
    got <= wanted + Duration::from_secs(1) && got + TOLERANCE >= wanted
}

impl<S: Store> Case<S> {
    async fn make(&self, session: &NewSession) -> Result<StoreKey, String> {
        let key = key();
        match self.store.insert(&key, session, &POLICY).await.map_err(text)? {
            Inserted::Created(_) => Ok(key),
            Inserted::Conflict => Err("insert of a new key is Conflict".into()),
        }
    }

    async fn blue(&self) -> Result<StoreKey, String> {
        self.make(&new(json!({ "color": "blue" }))).await
    }

    async fn load(&self, key: &StoreKey) -> Result<Loaded, String> {
        self.store.load(key).await.map_err(text)
    }

    async fn found(&self, key: &StoreKey) -> Result<Snapshot, String> {
        match self.load(key).await? {
            Loaded::Found(snapshot) => Ok(snapshot),
            other => Err(format!("{other:?} instead of a live session")),
        }
    }

    async fn merge(&self, key: &StoreKey, changes: &Changes) -> Result<Merged, String> {
        self.store.merge(key, changes, &POLICY).await.map_err(text)
    }

    async fn rotate(&self, old: &StoreKey, retire: Retire) -> Result<StoreKey, String> {
        let new = key();
        let rotated = self.store.rotate(old, &new, &Changes::default(), retire, &POLICY).await;
        ensure_matches!(rotated.map_err(text)?, Rotated::Rotated(_));
        Ok(new)
    }

    async fn try_rotate(&self, old: &StoreKey, new: &StoreKey) -> Result<Rotated, String> {
        let none = Changes::default();
        self.store.rotate(old, new, &none, Retire::Follow, &POLICY).await.map_err(text)
    }

    async fn delete(&self, key: &StoreKey, reserve: Option<Duration>) -> Checks {
        self.store.delete(key, reserve).await.map_err(text)
    }

    /// The span after which something short is over, for this store's clock.
    fn short(&self) -> Duration {
        (self.store.capabilities().granularity * 20).max(Duration::from_millis(60))
    }

    /// Waits until a key is not live any more.
    async fn until_over(&self, key: &StoreKey) -> Result<Loaded, String> {
        let begin = Instant::now();
        loop {
            match self.load(key).await? {
                Loaded::Found(_) if begin.elapsed() < Duration::from_secs(20) => {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                Loaded::Found(_) => return Err("a session outlives its deadline".into()),
                other => return Ok(other),
            }
        }
    }
}
