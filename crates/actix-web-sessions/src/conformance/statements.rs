//! One test of each statement.

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};

use super::{Checked, Verdict};
use crate::data::{Changes, Data};
use crate::expiry::{Expiry, Life, Policy};
use crate::key::{SessionId, StoreKey};
use crate::principal::PRINCIPAL;
use crate::store::{
    Added, Inserted, Loaded, MAX_SUCCESSORS, Merged, NewSession, Retire, Rotated, Snapshot, Store,
    Swapped, Touched,
};

/// The statements that a kit without knowledge of the backend can test.
pub const STATEMENTS: std::ops::RangeInclusive<u8> = 1..=32;

const POLICY: Policy = Policy { age: Duration::from_secs(600), touch_threshold: Duration::ZERO };

/// What is left of a deadline when an answer arrives on a slow machine.
const TOLERANCE: Duration = Duration::from_secs(5);

type Checks = Result<(), String>;

macro_rules! ensure {
    ($condition:expr, $($message:tt)+) => {
        if !$condition {
            return Err(format!($($message)+));
        }
    };
}

/// Fails unless a value matches a pattern.
macro_rules! expect {
    ($value:expr, $pattern:pat) => {
        match $value {
            $pattern => {}
            other => return Err(format!("{other:?} instead of {}", stringify!($pattern))),
        }
    };
}

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

fn text(error: impl std::fmt::Display) -> String {
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
async fn together<T>(futures: impl IntoIterator<Item = impl Future<Output = T>>) -> Vec<T> {
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
        expect!(rotated.map_err(text)?, Rotated::Rotated(_));
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

    async fn unknown_key(&self) -> Checks {
        let key = key();
        for _ in 0..2 {
            expect!(self.load(&key).await?, Loaded::Missing);
        }
        expect!(self.merge(&key, &set(json!({ "a": 1 }))).await?, Merged::Gone);
        Ok(())
    }

    async fn insert_and_load(&self) -> Checks {
        let hour = Duration::from_secs(3600);
        for (expiry, wanted) in [
            (Expiry::Policy, POLICY.age),
            (Expiry::BrowserClose, POLICY.age),
            (Expiry::After(hour), hour),
            (Expiry::At(SystemTime::now() + hour), hour),
        ] {
            let session =
                NewSession { expiry, age: hour, ..new(json!({ "a": { "b": [1, null] } })) };
            let key = self.make(&session).await?;
            let found = self.found(&key).await?;
            ensure!(found.data == session.data, "other data: {:?}", found.data);
            ensure!(close(hour, found.age) || close(found.age, hour), "age: {:?}", found.age);
            self.same_expiry(found.life.expiry, expiry)?;
            ensure!(close(found.life.remaining, wanted), "{expiry:?}: {:?}", found.life);
        }
        Ok(())
    }

    fn same_expiry(&self, got: Expiry, wanted: Expiry) -> Checks {
        let granularity = self.store.capabilities().granularity.max(Duration::from_millis(1));
        let same = match (got, wanted) {
            (Expiry::At(got), Expiry::At(wanted)) => {
                let apart = got.duration_since(wanted).or(wanted.duration_since(got));
                apart.is_ok_and(|apart| apart <= granularity)
            }
            (Expiry::After(got), Expiry::After(wanted)) => got.abs_diff(wanted) <= granularity,
            (got, wanted) => got == wanted,
        };
        ensure!(same, "expiry {got:?} instead of {wanted:?}");
        Ok(())
    }

    async fn insert_never_overwrites(&self) -> Checks {
        let live = self.blue().await?;
        let retired = self.blue().await?;
        self.rotate(&retired, Retire::Follow).await?;
        let ended = self.blue().await?;
        self.delete(&ended, Some(Duration::from_secs(60))).await?;
        let reserved = key();
        self.delete(&reserved, Some(Duration::from_secs(60))).await?;
        for key in [live, retired, ended, reserved] {
            let inserted = self.store.insert(&key, &new(json!({ "red": 1 })), &POLICY).await;
            expect!(inserted.map_err(text)?, Inserted::Conflict);
        }
        ensure!(self.found(&live).await?.data == data(json!({ "color": "blue" })), "overwritten");
        Ok(())
    }

    async fn values_read_back(&self) -> Checks {
        let deep = (0..99).fold(json!(1), |value, _| json!([value]));
        let values = json!({
            "": "an empty name", "\u{1F600} \"\\/\n\u{1}": "\u{10FFFF}\u{7f}é", "min": i64::MIN,
            "max": i64::MAX, "u64": u64::MAX, "tiny": 5e-324, "huge": 1.797_693_134_862_315_7e308,
            "fraction": 0.1, "negative": -2.5, "null": null, "list": [], "map": {}, "true": true,
            "deep": deep, "long": "x".repeat(2000),
        });
        let key = self.make(&new(values.clone())).await?;
        ensure!(self.found(&key).await?.data == data(values.clone()), "inserted values differ");
        let key = self.make(&new(json!({}))).await?;
        expect!(self.merge(&key, &set(values.clone())).await?, Merged::Applied(_));
        ensure!(self.found(&key).await?.data == data(values), "merged values differ");
        Ok(())
    }

    async fn deadline_ends(&self) -> Checks {
        let short = Expiry::After(self.short());
        let key = self.make(&NewSession { expiry: short, ..new(json!({ "n": 1 })) }).await?;
        expect!(self.until_over(&key).await?, Loaded::Missing);
        expect!(self.merge(&key, &set(json!({ "a": 1 }))).await?, Merged::Gone);
        expect!(self.store.touch(&key, &POLICY).await.map_err(text)?, Touched::Gone);
        if self.store.capabilities().counters {
            expect!(self.store.add(&key, "n", 1, &POLICY).await.map_err(text)?, Added::Gone);
        }
        expect!(self.try_rotate(&key, &self::key()).await?, Rotated::Gone);
        let zero = NewSession { expiry: Expiry::After(Duration::ZERO), ..new(json!({})) };
        let key = self.make(&zero).await?;
        expect!(self.load(&key).await?, Loaded::Missing);
        Ok(())
    }

    async fn merge_applies(&self) -> Checks {
        let key = self.make(&new(json!({ "a": 1, "b": 2, "c": { "d": 3 } }))).await?;
        let changes = Changes {
            set: data(json!({ "a": 4, "e": 5 })),
            removed: vec!["b".into(), "absent".into()],
            expiry: None,
        };
        expect!(self.merge(&key, &changes).await?, Merged::Applied(_));
        let wanted = data(json!({ "a": 4, "c": { "d": 3 }, "e": 5 }));
        let found = self.found(&key).await?.data;
        ensure!(found == wanted, "{found:?} instead of {wanted:?}");
        Ok(())
    }

    async fn deadlines_follow_expiry(&self) -> Checks {
        let (minute, hour) = (Duration::from_secs(60), Duration::from_secs(3600));
        for (expiry, wanted) in [
            (Expiry::Policy, POLICY.age),
            (Expiry::BrowserClose, POLICY.age),
            (Expiry::After(minute), minute),
            (Expiry::At(SystemTime::now() + hour), hour),
        ] {
            let key = self.blue().await?;
            let Merged::Applied(life) = self.merge(&key, &expiring(expiry)).await? else {
                return Err("a merge is not applied".into());
            };
            ensure!(close(life.remaining, wanted), "{expiry:?}: the merge says {life:?}");
            let again = self.merge(&key, &set(json!({ "a": 1 }))).await?;
            expect!(again, Merged::Applied(Life { .. }));
            let found = self.found(&key).await?.life;
            ensure!(close(found.remaining, wanted), "{expiry:?}: stored {found:?}");
            self.same_expiry(found.expiry, expiry)?;
        }
        Ok(())
    }

    async fn expiry_is_replaced_or_left(&self) -> Checks {
        let key = self.blue().await?;
        let hour = Expiry::After(Duration::from_secs(3600));
        expect!(self.merge(&key, &expiring(hour)).await?, Merged::Applied(_));
        let merged = self.other.merge(&key, &set(json!({ "a": 1 })), &POLICY).await;
        expect!(merged.map_err(text)?, Merged::Applied(_));
        self.store.touch(&key, &POLICY).await.map_err(text)?;
        if self.store.capabilities().counters {
            self.store.add(&key, "n", 1, &POLICY).await.map_err(text)?;
        }
        self.same_expiry(self.found(&key).await?.life.expiry, hour)?;
        expect!(self.merge(&key, &expiring(Expiry::Policy)).await?, Merged::Applied(_));
        self.same_expiry(self.found(&key).await?.life.expiry, Expiry::Policy)
    }

    async fn concurrent_merges(&self) -> Checks {
        let key = self.blue().await?;
        let merges = (0..100).map(|n| {
            let store = if n % 2 == 0 { &self.store } else { &self.other };
            async move { store.merge(&key, &set(json!({ format!("k{n}"): n })), &POLICY).await }
        });
        for merged in together(merges).await {
            expect!(merged.map_err(text)?, Merged::Applied(_));
        }
        let count = self.found(&key).await?.data.len();
        ensure!(count == 101, "{} of 100 merges are stored", count.saturating_sub(1));
        Ok(())
    }

    async fn merge_on_dead_keys(&self) -> Checks {
        let erased = self.blue().await?;
        self.delete(&erased, None).await?;
        for key in [erased, key()] {
            expect!(self.merge(&key, &set(json!({ "a": 1 }))).await?, Merged::Gone);
            expect!(self.load(&key).await?, Loaded::Missing);
        }
        Ok(())
    }

    async fn sum(&self, before: Option<Value>, by: i64) -> Result<Value, String> {
        let session = before.map_or_else(|| json!({}), |value| json!({ "n": value }));
        let key = self.make(&new(session)).await?;
        match self.store.add(&key, "n", by, &POLICY).await.map_err(text)? {
            Added::Applied(mut snapshot) => Ok(snapshot.data.remove("n").unwrap_or_default()),
            other => Err(format!("{other:?} instead of an addition")),
        }
    }

    async fn add_rules(&self) -> Checks {
        for (before, by, after) in [
            (None, 2, 2),
            (Some(json!(40)), -50, -10),
            (Some(json!(2.9)), 1, 3),
            (Some(json!(-2.9)), 1, -1),
            (Some(json!("7")), 1, 1),
            (Some(json!(null)), 1, 1),
            (Some(json!([1])), 1, 1),
            (Some(json!(i64::MAX)), 1, i64::MAX),
            (Some(json!(i64::MIN)), -1, i64::MIN),
            (Some(json!(1e300)), 1, i64::MAX),
        ] {
            let sum = self.sum(before.clone(), by).await?;
            ensure!(sum == json!(after), "{before:?} and {by} are {sum} instead of {after}");
        }
        Ok(())
    }

    async fn concurrent_additions(&self) -> Checks {
        let key = self.blue().await?;
        let additions = (0..100).map(|n| {
            let store = if n % 2 == 0 { &self.store } else { &self.other };
            async move { store.add(&key, "n", 1, &POLICY).await }
        });
        let mut sums = BTreeSet::new();
        for added in together(additions).await {
            let Added::Applied(snapshot) = added.map_err(text)? else {
                return Err("an addition is not applied".into());
            };
            sums.extend(snapshot.data.get("n").and_then(Value::as_i64));
        }
        ensure!(sums == (1..=100).collect(), "{} different numbers", sums.len());
        let sum = self.found(&key).await?.data.remove("n");
        ensure!(sum == Some(json!(100)), "the sum is {sum:?}");
        Ok(())
    }

    async fn add_returns_all(&self) -> Checks {
        let key = self.make(&new(json!({ "n": 1, "color": "blue" }))).await?;
        let Added::Applied(snapshot) = self.store.add(&key, "n", 2, &POLICY).await.map_err(text)?
        else {
            return Err("an addition is not applied".into());
        };
        let wanted = data(json!({ "n": 3, "color": "blue" }));
        ensure!(snapshot.data == wanted, "{:?}", snapshot.data);
        ensure!(close(snapshot.life.remaining, POLICY.age), "{:?}", snapshot.life);
        Ok(())
    }

    async fn swap(&self, key: &StoreKey, expected: &Value, new: &Value) -> Result<Swapped, String> {
        self.store.swap(key, "v", expected, new, &POLICY).await.map_err(text)
    }

    async fn swap_compares(&self) -> Checks {
        let key = self.blue().await?;
        let (one, map) = (json!(1), json!({ "a": [1], "b": 0.5 }));
        expect!(self.swap(&key, &one, &map).await?, Swapped::Differs(Value::Null));
        expect!(self.swap(&key, &Value::Null, &map).await?, Swapped::Applied(_));
        match self.swap(&key, &one, &one).await? {
            Swapped::Differs(stored) => ensure!(stored == map, "differs with {stored}"),
            other => return Err(format!("{other:?} instead of Differs")),
        }
        expect!(self.swap(&key, &map, &json!([])).await?, Swapped::Applied(_));
        let count = async |store: &S| {
            let mut expected = json!([]);
            loop {
                let mut list = expected.as_array().cloned().unwrap_or_default();
                list.push(json!(1));
                let new = Value::Array(list);
                match store.swap(&key, "v", &expected, &new, &POLICY).await.map_err(text)? {
                    Swapped::Differs(stored) => expected = stored,
                    Swapped::Applied(_) => return Ok::<(), String>(()),
                    other => return Err(format!("{other:?}")),
                }
            }
        };
        let stores = (0..50).map(|n| if n % 2 == 0 { &self.store } else { &self.other });
        for counted in together(stores.map(count)).await {
            counted?;
        }
        let list = self.found(&key).await?.data.remove("v").unwrap_or_default();
        ensure!(list.as_array().map(Vec::len) == Some(50), "50 swaps make {list}");
        Ok(())
    }

    async fn touch_rules(&self) -> Checks {
        let touch = async |key: &StoreKey, policy: &Policy| {
            self.store.touch(key, policy).await.map_err(text)
        };
        let key = self.blue().await?;
        let threshold = Policy { touch_threshold: Duration::from_secs(100), ..POLICY };
        expect!(touch(&key, &threshold).await?, Touched::Fresh);
        let longer = Policy { age: POLICY.age * 2, ..threshold };
        match touch(&key, &longer).await? {
            Touched::Extended(life) => ensure!(close(life.remaining, longer.age), "{life:?}"),
            other => return Err(format!("{other:?} instead of Extended")),
        }
        expect!(touch(&key, &POLICY).await?, Touched::Fresh);
        let found = self.found(&key).await?;
        ensure!(close(found.life.remaining, longer.age), "shortened to {:?}", found.life);
        ensure!(found.data == data(json!({ "color": "blue" })), "data changed");
        let at = Expiry::At(SystemTime::now() + Duration::from_secs(60));
        self.merge(&key, &expiring(at)).await?;
        expect!(touch(&key, &POLICY).await?, Touched::Fresh);
        // A threshold above an own expiry must not end a busy session.
        let own = self.short() * 20;
        self.merge(&key, &expiring(Expiry::After(own))).await?;
        tokio::time::sleep(own * 6 / 10).await;
        expect!(touch(&key, &threshold).await?, Touched::Extended(_));
        Ok(())
    }

    async fn rotate_moves(&self) -> Checks {
        let hour = Duration::from_secs(3600);
        let session =
            NewSession { expiry: Expiry::After(hour), age: hour, ..new(json!({ "a": 1, "b": 2 })) };
        let (old, new) = (self.make(&session).await?, key());
        let changes =
            Changes { set: data(json!({ "c": 3 })), removed: vec!["b".into()], expiry: None };
        let rotated = self.store.rotate(&old, &new, &changes, Retire::Follow, &POLICY).await;
        match rotated.map_err(text)? {
            Rotated::Rotated(life) => ensure!(close(life.remaining, hour), "{life:?}"),
            other => return Err(format!("{other:?} instead of Rotated")),
        }
        expect!(self.load(&old).await?, Loaded::Retired);
        let found = self.found(&new).await?;
        ensure!(found.data == data(json!({ "a": 1, "c": 3 })), "{:?}", found.data);
        ensure!(found.age >= hour, "age {:?}", found.age);
        self.same_expiry(found.life.expiry, Expiry::After(hour))
    }

    async fn concurrent_rotations(&self) -> Checks {
        for _ in 0..5 {
            let old = self.blue().await?;
            let rotations = [(&self.store, key()), (&self.other, key())].map(|(store, new)| {
                let changes = Changes::default();
                async move {
                    let rotated = store.rotate(&old, &new, &changes, Retire::Follow, &POLICY).await;
                    (new, rotated)
                }
            });
            let (mut won, mut lost) = (0, 0);
            for (new, rotated) in together(rotations).await {
                match rotated.map_err(text)? {
                    Rotated::Rotated(_) => {
                        won += 1;
                        self.found(&new).await?;
                    }
                    Rotated::Retired => {
                        lost += 1;
                        expect!(self.load(&new).await?, Loaded::Missing);
                    }
                    Rotated::Gone => return Err("a rotation finds nothing".into()),
                }
            }
            ensure!((won, lost) == (1, 1), "{won} won and {lost} lost");
        }
        Ok(())
    }

    async fn rotate_dead_key(&self) -> Checks {
        let (old, new) = (self.blue().await?, key());
        self.delete(&old, None).await?;
        expect!(self.try_rotate(&old, &new).await?, Rotated::Gone);
        expect!(self.load(&new).await?, Loaded::Missing);
        Ok(())
    }

    async fn follow(&self) -> Checks {
        let first = self.blue().await?;
        let mut last = first;
        for _ in 0..MAX_SUCCESSORS {
            last = self.rotate(&last, Retire::Follow).await?;
        }
        expect!(self.merge(&first, &set(json!({ "a": 1 }))).await?, Merged::AppliedToSuccessor);
        let counters = self.store.capabilities().counters;
        if counters {
            let added = self.store.add(&first, "n", 5, &POLICY).await.map_err(text)?;
            expect!(added, Added::AppliedToSuccessor(_));
            let swapped = self.swap(&first, &Value::Null, &json!(7)).await?;
            expect!(swapped, Swapped::AppliedToSuccessor(_));
        }
        let found = self.found(&last).await?.data;
        ensure!(found.get("a") == Some(&json!(1)), "the merge is lost: {found:?}");
        ensure!(!counters || found.get("n") == Some(&json!(5)), "the addition is lost");
        ensure!(!counters || found.get("v") == Some(&json!(7)), "the swap is lost");
        expect!(self.load(&first).await?, Loaded::Retired);
        self.delete(&first, None).await?;
        expect!(self.load(&last).await?, Loaded::Missing);
        expect!(self.merge(&first, &set(json!({ "a": 1 }))).await?, Merged::Gone);
        Ok(())
    }

    async fn refuse(&self) -> Checks {
        let old = self.blue().await?;
        let new = self.rotate(&old, Retire::Refuse).await?;
        expect!(self.merge(&old, &set(json!({ "a": 1 }))).await?, Merged::Refused);
        if self.store.capabilities().counters {
            let added = self.store.add(&old, "n", 5, &POLICY).await.map_err(text)?;
            expect!(added, Added::Refused);
            expect!(self.swap(&old, &Value::Null, &json!(7)).await?, Swapped::Refused);
        }
        ensure!(self.found(&new).await?.data == data(json!({ "color": "blue" })), "written");
        self.delete(&old, None).await?;
        expect!(self.load(&new).await?, Loaded::Missing);
        Ok(())
    }

    async fn retired_key_shows_nothing(&self) -> Checks {
        for retire in [Retire::Follow, Retire::Refuse] {
            let old = self.blue().await?;
            self.rotate(&old, retire).await?;
            expect!(self.load(&old).await?, Loaded::Retired);
            expect!(self.other.load(&old).await.map_err(text)?, Loaded::Retired);
            expect!(self.store.touch(&old, &POLICY).await.map_err(text)?, Touched::Retired);
            expect!(self.try_rotate(&old, &key()).await?, Rotated::Retired);
        }
        Ok(())
    }

    async fn delete_ends_all(&self) -> Checks {
        for n in 0..10 {
            let old = self.blue().await?;
            let new = key();
            let changes = set(json!({ "late": n }));
            let (none, retire) = (Changes::default(), Retire::Follow);
            let rotation = self.other.rotate(&old, &new, &none, retire, &POLICY);
            let merge = self.other.merge(&old, &changes, &POLICY);
            let delete = self.store.delete(&old, None);
            let (rotated, merged, deleted) = tokio::join!(rotation, merge, delete);
            rotated.map_err(text)?;
            merged.map_err(text)?;
            deleted.map_err(text)?;
            for key in [old, new] {
                let loaded = self.load(&key).await?;
                ensure!(!matches!(loaded, Loaded::Found(_)), "a session outlives its end");
            }
        }
        Ok(())
    }

    async fn delete_of_absent_key(&self) -> Checks {
        let key = key();
        self.delete(&key, None).await?;
        expect!(self.load(&key).await?, Loaded::Missing);
        Ok(())
    }

    async fn nothing_revives(&self) -> Checks {
        let (key, new) = (self.make(&new(json!({ "n": 1 }))).await?, key());
        self.delete(&key, None).await?;
        expect!(self.merge(&key, &set(json!({ "a": 1 }))).await?, Merged::Gone);
        expect!(self.store.touch(&key, &POLICY).await.map_err(text)?, Touched::Gone);
        if self.store.capabilities().counters {
            expect!(self.store.add(&key, "n", 1, &POLICY).await.map_err(text)?, Added::Gone);
            expect!(self.swap(&key, &Value::Null, &json!(1)).await?, Swapped::Gone);
        }
        expect!(self.try_rotate(&key, &new).await?, Rotated::Gone);
        expect!(self.load(&key).await?, Loaded::Missing);
        expect!(self.load(&new).await?, Loaded::Missing);
        Ok(())
    }

    async fn reserved_after_end(&self) -> Checks {
        let reserved = Some(Duration::from_secs(60));
        let erased = self.make(&NewSession { reserved, ..new(json!({ "color": "blue" })) }).await?;
        self.delete(&erased, None).await?;
        let expiry = Expiry::After(self.short());
        let expired = self.make(&NewSession { reserved, expiry, ..new(json!({})) }).await?;
        self.until_over(&expired).await?;
        for key in [erased, expired] {
            expect!(self.load(&key).await?, Loaded::Ended);
            let inserted = self.store.insert(&key, &new(json!({})), &POLICY).await;
            expect!(inserted.map_err(text)?, Inserted::Conflict);
            expect!(self.merge(&key, &set(json!({ "a": 1 }))).await?, Merged::Gone);
        }
        Ok(())
    }

    async fn reserve_without_session(&self) -> Checks {
        let key = key();
        self.delete(&key, Some(Duration::from_secs(60))).await?;
        expect!(self.load(&key).await?, Loaded::Ended);
        let inserted = self.store.insert(&key, &new(json!({})), &POLICY).await;
        expect!(inserted.map_err(text)?, Inserted::Conflict);
        Ok(())
    }

    async fn reservation_ends(&self) -> Checks {
        let key = key();
        self.delete(&key, Some(self.short())).await?;
        let begin = Instant::now();
        while self.load(&key).await? == Loaded::Ended {
            ensure!(begin.elapsed() < Duration::from_secs(20), "a reservation does not end");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        expect!(self.load(&key).await?, Loaded::Missing);
        let inserted = self.store.insert(&key, &new(json!({ "new": 1 })), &POLICY).await;
        expect!(inserted.map_err(text)?, Inserted::Created(_));
        self.found(&key).await.map(drop)
    }

    async fn two_handles_agree(&self) -> Checks {
        let key = self.blue().await?;
        let seen = async || self.other.load(&key).await.map_err(text);
        expect!(seen().await?, Loaded::Found(_));
        expect!(self.merge(&key, &set(json!({ "a": 1 }))).await?, Merged::Applied(_));
        let Loaded::Found(snapshot) = seen().await? else { return Err("not found".into()) };
        ensure!(snapshot.data.contains_key("a"), "the other handle sees an old session");
        self.delete(&key, None).await?;
        expect!(seen().await?, Loaded::Missing);
        Ok(())
    }

    async fn dropped_futures(&self) -> Checks {
        let key = self.make(&new(json!({ "n": 0 }))).await?;
        for polls in 0..6_u32 {
            let changes = set(json!({ "a": polls, "b": polls }));
            let mut merge = pin!(self.store.merge(&key, &changes, &POLICY));
            for _ in 0..polls {
                let done = poll_fn(|context| Poll::Ready(merge.as_mut().poll(context).is_ready()));
                if done.await {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        // Others go on, and each change is whole.
        expect!(self.merge(&key, &set(json!({ "last": 1 }))).await?, Merged::Applied(_));
        let found = self.found(&key).await?.data;
        ensure!(found.get("a") == found.get("b"), "half a change: {found:?}");
        Ok(())
    }

    async fn sweep(&self) -> Checks {
        let expiry = Expiry::After(self.short());
        let reserved = Some(Duration::from_secs(600));
        let (live, ended) = (self.blue().await?, key());
        self.delete(&ended, reserved).await?;
        let mut over = Vec::new();
        for _ in 0..5 {
            over.push(self.make(&NewSession { expiry, ..new(json!({})) }).await?);
        }
        for key in &over {
            self.until_over(key).await?;
        }
        let counted = self.store.count_expired().await.map_err(text)?;
        let mut removed = 0;
        loop {
            let count = self.store.delete_expired(2).await.map_err(text)?;
            ensure!(count <= 2, "{count} of at most 2");
            removed += count;
            if count < 2 {
                break;
            }
        }
        ensure!(counted == 0 || removed >= counted, "{removed} of {counted} counted are removed");
        ensure!(removed == 0 || removed >= 5, "{removed} of 5 are removed");
        self.found(&live).await?;
        expect!(self.load(&ended).await?, Loaded::Ended);
        Ok(())
    }

    async fn principals(&self) -> Checks {
        let name = format!("user-{:?}", key());
        let session = new(json!({ PRINCIPAL: name, "color": "blue" }));
        let (one, two) = (self.make(&session).await?, self.make(&session).await?);
        self.make(&new(json!({ PRINCIPAL: format!("{name}x") }))).await?;
        let dead = self.make(&session).await?;
        self.delete(&dead, None).await?;
        let renewed = self.rotate(&two, Retire::Follow).await?;
        let found = self.store.sessions_of(&name).await.map_err(text)?;
        let keys: BTreeSet<StoreKey> = found.iter().map(|(key, _)| *key).collect();
        ensure!(keys == BTreeSet::from([one, renewed]), "{keys:?} are listed");
        let ended = self.store.delete_of(&name, Some(&one)).await.map_err(text)?;
        ensure!(ended == 1, "{ended} are ended");
        self.found(&one).await?;
        expect!(self.load(&renewed).await?, Loaded::Missing);
        expect!(self.merge(&two, &set(json!({ "a": 1 }))).await?, Merged::Gone);
        Ok(())
    }

    async fn check_is_true(&self) -> Checks {
        for size in [10, 1000, 60_000] {
            let session = new(json!({ "text": "x".repeat(size) }));
            if self.store.check(&session.data).is_ok() {
                let key = self.make(&session).await?;
                ensure!(self.found(&key).await?.data == session.data, "{size} bytes are lost");
            }
        }
        Ok(())
    }
}
