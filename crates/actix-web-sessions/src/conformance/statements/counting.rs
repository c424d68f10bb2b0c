//! Concurrent merges, additions and swaps, and touches.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::{
    Case, Checks, POLICY, close, data, ensure, ensure_matches, expiring, key, new, set, text,
    together,
};
use crate::expiry::{Expiry, Policy};
use crate::key::StoreKey;
use crate::store::{Added, Loaded, Merged, Store, Swapped, Touched};

impl<S: Store> Case<S> {
    pub async fn concurrent_merges(&self) -> Checks {
        let key = self.blue().await?;
        let merges = (0..100).map(|n| {
            let store = if n % 2 == 0 { &self.store } else { &self.other };
            async move { store.merge(&key, &set(json!({ format!("k{n}"): n })), &POLICY).await }
        });
        for merged in together(merges).await {
            ensure_matches!(merged.map_err(text)?, Merged::Applied(_));
        }
        let count = self.found(&key).await?.data.len();
        ensure!(count == 101, "{} of 100 merges are stored", count.saturating_sub(1));
        Ok(())
    }

    pub async fn merge_on_dead_keys(&self) -> Checks {
        let erased = self.blue().await?;
        self.delete(&erased, None).await?;
        for key in [erased, key()] {
            ensure_matches!(self.merge(&key, &set(json!({ "a": 1 }))).await?, Merged::Gone);
            ensure_matches!(self.load(&key).await?, Loaded::Missing);
        }
        Ok(())
    }

    pub async fn sum(&self, before: Option<Value>, by: i64) -> Result<Value, String> {
        let session = before.map_or_else(|| json!({}), |value| json!({ "n": value }));
        let key = self.make(&new(session)).await?;
        match self.store.add(&key, "n", by, &POLICY).await.map_err(text)? {
            Added::Applied(mut snapshot) => Ok(snapshot.data.remove("n").unwrap_or_default()),
            other => Err(format!("{other:?} instead of an addition")),
        }
    }

    pub async fn add_rules(&self) -> Checks {
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
            (Some(json!(1e300)), -1, i64::MAX - 1),
            (Some(json!(u64::MAX)), -1, i64::MAX - 1),
        ] {
            let sum = self.sum(before.clone(), by).await?;
            ensure!(sum == json!(after), "{before:?} and {by} are {sum} instead of {after}");
        }
        Ok(())
    }

    pub async fn concurrent_additions(&self) -> Checks {
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

    pub async fn add_returns_all(&self) -> Checks {
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

    pub async fn swap(
        &self,
        key: &StoreKey,
        expected: &Value,
        new: &Value,
    ) -> Result<Swapped, String> {
        self.store.swap(key, "v", expected, new, &POLICY).await.map_err(text)
    }

    pub async fn swap_compares(&self) -> Checks {
        let key = self.blue().await?;
        let (one, map) = (json!(1), json!({ "a": [1], "b": 0.5 }));
        ensure_matches!(self.swap(&key, &one, &map).await?, Swapped::Differs(Value::Null));
        ensure_matches!(self.swap(&key, &Value::Null, &map).await?, Swapped::Applied(_));
        match self.swap(&key, &one, &one).await? {
            Swapped::Differs(stored) => ensure!(stored == map, "differs with {stored}"),
            other => return Err(format!("{other:?} instead of Differs")),
        }
        ensure_matches!(self.swap(&key, &map, &json!([])).await?, Swapped::Applied(_));
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

    pub async fn touch_rules(&self) -> Checks {
        let touch = async |key: &StoreKey, policy: &Policy| {
            self.store.touch(key, policy).await.map_err(text)
        };
        let key = self.blue().await?;
        let threshold = Policy { touch_threshold: Duration::from_secs(100), ..POLICY };
        ensure_matches!(touch(&key, &threshold).await?, Touched::Fresh);
        let longer = Policy { age: POLICY.age * 2, ..threshold };
        match touch(&key, &longer).await? {
            Touched::Extended(life) => ensure!(close(life.remaining, longer.age), "{life:?}"),
            other => return Err(format!("{other:?} instead of Extended")),
        }
        ensure_matches!(touch(&key, &POLICY).await?, Touched::Fresh);
        let found = self.found(&key).await?;
        ensure!(close(found.life.remaining, longer.age), "shortened to {:?}", found.life);
        ensure!(found.data == data(json!({ "color": "blue" })), "data changed");
        let at = Expiry::At(SystemTime::now() + Duration::from_secs(60));
        self.merge(&key, &expiring(at)).await?;
        ensure_matches!(touch(&key, &POLICY).await?, Touched::Fresh);
        // A threshold above an own expiry must not end a busy session.
        let own = self.short() * 20;
        self.merge(&key, &expiring(Expiry::After(own))).await?;
        tokio::time::sleep(own * 6 / 10).await;
        ensure_matches!(touch(&key, &threshold).await?, Touched::Extended(_));
        Ok(())
    }
}
