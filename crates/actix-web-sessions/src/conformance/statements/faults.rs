//! Faults that only somebody with access to the backend can cause.

use std::future::poll_fn;
use std::pin::pin;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{Checks, POLICY, ensure, ensure_matches, key, new, set, text, together};
use crate::key::StoreKey;
use crate::store::{Inserted, Loaded, Merged, Store};

/// The maximum delay of calls by a key that another process has locked.
const MAX_DELAY: Duration = Duration::from_millis(100);

/// The number of other keys; a store may let a few keys share a lock.
const OTHERS: usize = 9;

/// Tests SC-34: `damage` overwrites the stored record of a key with one that cannot be read.
///
/// # Panics
/// When the statement does not hold.
pub async fn damaged_record<S: Store>(store: S, damage: impl AsyncFn(&StoreKey)) {
    let checked = async {
        for _ in 0..2 {
            let key = blue(&store).await?;
            damage(&key).await;
            ensure_matches!(store.load(&key).await.map_err(text)?, Loaded::Missing);
            let merged = store.merge(&key, &set(json!({ "a": 1 })), &POLICY).await;
            ensure_matches!(merged.map_err(text)?, Merged::Gone);
            let inserted = store.insert(&key, &new(json!({ "a": 2 })), &POLICY).await;
            ensure_matches!(inserted.map_err(text)?, Inserted::Created(_));
            ensure_matches!(store.load(&key).await.map_err(text)?, Loaded::Found(_));
            // A write that comes before the next read does not fail either.
            damage(&key).await;
            store.merge(&key, &set(json!({ "a": 1 })), &POLICY).await.map_err(text)?;
            ensure_matches!(store.load(&key).await.map_err(text)?, Loaded::Missing);
            store.delete_expired(1000).await.map_err(text)?;
        }
        Ok(())
    };
    report(34, checked.await);
}

/// Tests SC-35: `hold` locks the record of a key as another process does, until its result is
/// dropped.
///
/// # Panics
/// When the statement does not hold.
pub async fn held_key<S: Store, L>(store: S, hold: impl AsyncFn(&StoreKey) -> L) {
    let checked = async {
        let held = blue(&store).await?;
        let mut others = Vec::new();
        for _ in 0..OTHERS {
            others.push(blue(&store).await?);
        }
        let lock = hold(&held).await;
        let mut fast = 0;
        // Another attempt, as a busy machine delays calls, too.
        for _ in 0..5 {
            let (changes, on_held) = (set(json!({ "a": 1 })), set(json!({ "held": 1 })));
            let timed = async |key: &StoreKey| {
                let begin = Instant::now();
                let merged = store.merge(key, &changes, &POLICY).await;
                merged.map(|merged| (merged, begin.elapsed())).map_err(text)
            };
            // Dropped together with the others: it waits for the lock.
            let waiting = store.merge(&held, &on_held, &POLICY);
            let answers = together(others.iter().map(timed));
            let answers = beside(waiting, answers).await;
            fast = 0;
            for answer in answers {
                let (merged, elapsed) = answer?;
                ensure_matches!(merged, Merged::Applied(_));
                fast += usize::from(elapsed <= MAX_DELAY);
            }
            if fast * 2 > OTHERS {
                break;
            }
        }
        drop(lock);
        ensure!(fast * 2 > OTHERS, "{} of {OTHERS} calls are delayed", OTHERS - fast);
        let merged = store.merge(&held, &set(json!({ "a": 1 })), &POLICY).await;
        ensure_matches!(merged.map_err(text)?, Merged::Applied(_));
        Ok(())
    };
    report(35, checked.await);
}

/// Polls `background` until `awaited` is ready.
async fn beside<T>(background: impl Future, awaited: impl Future<Output = T>) -> T {
    let (mut background, mut awaited) = (pin!(background), pin!(awaited));
    let mut is_done = false;
    poll_fn(|context| {
        is_done = is_done || background.as_mut().poll(context).is_ready();
        awaited.as_mut().poll(context)
    })
    .await
}

fn report(number: u8, checked: Checks) {
    if let Err(reason) = checked {
        panic!("SC-{number}: {reason}");
    }
}

async fn blue(store: &impl Store) -> Result<StoreKey, String> {
    let key = key();
    let inserted = store.insert(&key, &new(json!({ "color": "blue" })), &POLICY).await;
    ensure_matches!(inserted.map_err(text)?, Inserted::Created(_));
    Ok(key)
}
