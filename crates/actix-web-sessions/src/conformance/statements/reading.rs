//! Inserted and merged data are loaded until their deadline.

use std::time::{Duration, SystemTime};

use serde_json::json;

use super::{
    Case, Checks, POLICY, close, data, ensure, ensure_matches, expiring, key, new, set, text,
};
use crate::data::Changes;
use crate::expiry::{Expiry, Life};
use crate::store::{Added, Inserted, Loaded, Merged, NewSession, Retire, Rotated, Store, Touched};

impl<S: Store> Case<S> {
    pub async fn unknown_key(&self) -> Checks {
        let key = key();
        for _ in 0..2 {
            ensure_matches!(self.load(&key).await?, Loaded::Missing);
        }
        ensure_matches!(self.merge(&key, &set(json!({ "a": 1 }))).await?, Merged::Gone);
        Ok(())
    }

    pub async fn insert_and_load(&self) -> Checks {
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

    pub fn same_expiry(&self, got: Expiry, wanted: Expiry) -> Checks {
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

    pub async fn insert_never_overwrites(&self) -> Checks {
        let live = self.blue().await?;
        let retired = self.blue().await?;
        self.rotate(&retired, Retire::Follow).await?;
        let ended = self.blue().await?;
        self.delete(&ended, Some(Duration::from_secs(60))).await?;
        let reserved = key();
        self.delete(&reserved, Some(Duration::from_secs(60))).await?;
        for key in [live, retired, ended, reserved] {
            let inserted = self.store.insert(&key, &new(json!({ "red": 1 })), &POLICY).await;
            ensure_matches!(inserted.map_err(text)?, Inserted::Conflict);
        }
        ensure!(self.found(&live).await?.data == data(json!({ "color": "blue" })), "overwritten");
        Ok(())
    }

    pub async fn values_read_back(&self) -> Checks {
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
        ensure_matches!(self.merge(&key, &set(values.clone())).await?, Merged::Applied(_));
        ensure!(self.found(&key).await?.data == data(values), "merged values differ");
        Ok(())
    }

    pub async fn deadline_ends(&self) -> Checks {
        let short = Expiry::After(self.short());
        let key = self.make(&NewSession { expiry: short, ..new(json!({ "n": 1 })) }).await?;
        ensure_matches!(self.until_over(&key).await?, Loaded::Missing);
        ensure_matches!(self.merge(&key, &set(json!({ "a": 1 }))).await?, Merged::Gone);
        ensure_matches!(self.store.touch(&key, &POLICY).await.map_err(text)?, Touched::Gone);
        if self.store.capabilities().counters {
            ensure_matches!(
                self.store.add(&key, "n", 1, &POLICY).await.map_err(text)?,
                Added::Gone
            );
        }
        ensure_matches!(self.try_rotate(&key, &super::key()).await?, Rotated::Gone);
        let zero = NewSession { expiry: Expiry::After(Duration::ZERO), ..new(json!({})) };
        let key = self.make(&zero).await?;
        ensure_matches!(self.load(&key).await?, Loaded::Missing);
        Ok(())
    }

    pub async fn merge_applies(&self) -> Checks {
        let key = self.make(&new(json!({ "a": 1, "b": 2, "c": { "d": 3 } }))).await?;
        let changes = Changes {
            set: data(json!({ "a": 4, "e": 5 })),
            removed: vec!["b".into(), "absent".into()],
            expiry: None,
        };
        ensure_matches!(self.merge(&key, &changes).await?, Merged::Applied(_));
        let wanted = data(json!({ "a": 4, "c": { "d": 3 }, "e": 5 }));
        let found = self.found(&key).await?.data;
        ensure!(found == wanted, "{found:?} instead of {wanted:?}");
        Ok(())
    }

    pub async fn deadlines_follow_expiry(&self) -> Checks {
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
            ensure_matches!(again, Merged::Applied(Life { .. }));
            let found = self.found(&key).await?.life;
            ensure!(close(found.remaining, wanted), "{expiry:?}: stored {found:?}");
            self.same_expiry(found.expiry, expiry)?;
        }
        Ok(())
    }

    pub async fn expiry_is_replaced_or_left(&self) -> Checks {
        let key = self.blue().await?;
        let hour = Expiry::After(Duration::from_secs(3600));
        ensure_matches!(self.merge(&key, &expiring(hour)).await?, Merged::Applied(_));
        let merged = self.other.merge(&key, &set(json!({ "a": 1 })), &POLICY).await;
        ensure_matches!(merged.map_err(text)?, Merged::Applied(_));
        self.store.touch(&key, &POLICY).await.map_err(text)?;
        if self.store.capabilities().counters {
            self.store.add(&key, "n", 1, &POLICY).await.map_err(text)?;
        }
        self.same_expiry(self.found(&key).await?.life.expiry, hour)?;
        ensure_matches!(self.merge(&key, &expiring(Expiry::Policy)).await?, Merged::Applied(_));
        self.same_expiry(self.found(&key).await?.life.expiry, Expiry::Policy)
    }
}
