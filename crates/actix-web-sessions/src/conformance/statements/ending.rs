//! Rotations, erased sessions, reservations and sweeps.

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{
    Case, Checks, POLICY, close, data, ensure, ensure_matches, key, new, set, text, together,
};
use crate::data::Changes;
use crate::expiry::Expiry;
use crate::key::StoreKey;
use crate::principal::PRINCIPAL;
use crate::store::{
    Added, Inserted, Loaded, MAX_SUCCESSORS, Merged, NewSession, Retire, Rotated, Store, Swapped,
    Touched,
};

impl<S: Store> Case<S> {
    pub async fn rotate_moves(&self) -> Checks {
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
        ensure_matches!(self.load(&old).await?, Loaded::Retired);
        let found = self.found(&new).await?;
        ensure!(found.data == data(json!({ "a": 1, "c": 3 })), "{:?}", found.data);
        ensure!(found.age >= hour, "age {:?}", found.age);
        self.same_expiry(found.life.expiry, Expiry::After(hour))
    }

    pub async fn concurrent_rotations(&self) -> Checks {
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
                        ensure_matches!(self.load(&new).await?, Loaded::Missing);
                    }
                    Rotated::Gone => return Err("a rotation finds nothing".into()),
                }
            }
            ensure!((won, lost) == (1, 1), "{won} won and {lost} lost");
        }
        Ok(())
    }

    pub async fn rotate_dead_key(&self) -> Checks {
        let (old, new) = (self.blue().await?, key());
        self.delete(&old, None).await?;
        ensure_matches!(self.try_rotate(&old, &new).await?, Rotated::Gone);
        ensure_matches!(self.load(&new).await?, Loaded::Missing);
        Ok(())
    }

    pub async fn follow(&self) -> Checks {
        let first = self.blue().await?;
        let mut last = first;
        for _ in 0..MAX_SUCCESSORS {
            last = self.rotate(&last, Retire::Follow).await?;
        }
        ensure_matches!(
            self.merge(&first, &set(json!({ "a": 1 }))).await?,
            Merged::AppliedToSuccessor
        );
        let counters = self.store.capabilities().counters;
        if counters {
            let added = self.store.add(&first, "n", 5, &POLICY).await.map_err(text)?;
            ensure_matches!(added, Added::AppliedToSuccessor(_));
            let swapped = self.swap(&first, &Value::Null, &json!(7)).await?;
            ensure_matches!(swapped, Swapped::AppliedToSuccessor(_));
        }
        let found = self.found(&last).await?.data;
        ensure!(found.get("a") == Some(&json!(1)), "the merge is lost: {found:?}");
        ensure!(!counters || found.get("n") == Some(&json!(5)), "the addition is lost");
        ensure!(!counters || found.get("v") == Some(&json!(7)), "the swap is lost");
        ensure_matches!(self.load(&first).await?, Loaded::Retired);
        self.delete(&first, None).await?;
        ensure_matches!(self.load(&last).await?, Loaded::Missing);
        ensure_matches!(self.merge(&first, &set(json!({ "a": 1 }))).await?, Merged::Gone);
        Ok(())
    }

    pub async fn refuse(&self) -> Checks {
        let old = self.blue().await?;
        let new = self.rotate(&old, Retire::Refuse).await?;
        ensure_matches!(self.merge(&old, &set(json!({ "a": 1 }))).await?, Merged::Refused);
        if self.store.capabilities().counters {
            let added = self.store.add(&old, "n", 5, &POLICY).await.map_err(text)?;
            ensure_matches!(added, Added::Refused);
            ensure_matches!(self.swap(&old, &Value::Null, &json!(7)).await?, Swapped::Refused);
        }
        ensure!(self.found(&new).await?.data == data(json!({ "color": "blue" })), "written");
        self.delete(&old, None).await?;
        ensure_matches!(self.load(&new).await?, Loaded::Missing);
        Ok(())
    }

    pub async fn retired_key_shows_nothing(&self) -> Checks {
        for retire in [Retire::Follow, Retire::Refuse] {
            let old = self.blue().await?;
            self.rotate(&old, retire).await?;
            ensure_matches!(self.load(&old).await?, Loaded::Retired);
            ensure_matches!(self.other.load(&old).await.map_err(text)?, Loaded::Retired);
            ensure_matches!(self.store.touch(&old, &POLICY).await.map_err(text)?, Touched::Retired);
            ensure_matches!(self.try_rotate(&old, &key()).await?, Rotated::Retired);
        }
        Ok(())
    }

    pub async fn delete_ends_all(&self) -> Checks {
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

    pub async fn delete_of_absent_key(&self) -> Checks {
        let key = key();
        self.delete(&key, None).await?;
        ensure_matches!(self.load(&key).await?, Loaded::Missing);
        Ok(())
    }

    pub async fn nothing_revives(&self) -> Checks {
        let (key, new) = (self.make(&new(json!({ "n": 1 }))).await?, key());
        self.delete(&key, None).await?;
        ensure_matches!(self.merge(&key, &set(json!({ "a": 1 }))).await?, Merged::Gone);
        ensure_matches!(self.store.touch(&key, &POLICY).await.map_err(text)?, Touched::Gone);
        if self.store.capabilities().counters {
            ensure_matches!(
                self.store.add(&key, "n", 1, &POLICY).await.map_err(text)?,
                Added::Gone
            );
            ensure_matches!(self.swap(&key, &Value::Null, &json!(1)).await?, Swapped::Gone);
        }
        ensure_matches!(self.try_rotate(&key, &new).await?, Rotated::Gone);
        ensure_matches!(self.load(&key).await?, Loaded::Missing);
        ensure_matches!(self.load(&new).await?, Loaded::Missing);
        Ok(())
    }

    pub async fn reserved_after_end(&self) -> Checks {
        let reserved = Some(Duration::from_secs(60));
        let erased = self.make(&NewSession { reserved, ..new(json!({ "color": "blue" })) }).await?;
        self.delete(&erased, None).await?;
        let expiry = Expiry::After(self.short());
        let expired = self.make(&NewSession { reserved, expiry, ..new(json!({})) }).await?;
        self.until_over(&expired).await?;
        for key in [erased, expired] {
            ensure_matches!(self.load(&key).await?, Loaded::Ended);
            let inserted = self.store.insert(&key, &new(json!({})), &POLICY).await;
            ensure_matches!(inserted.map_err(text)?, Inserted::Conflict);
            ensure_matches!(self.merge(&key, &set(json!({ "a": 1 }))).await?, Merged::Gone);
        }
        Ok(())
    }

    pub async fn reserve_without_session(&self) -> Checks {
        let key = key();
        self.delete(&key, Some(Duration::from_secs(60))).await?;
        ensure_matches!(self.load(&key).await?, Loaded::Ended);
        let inserted = self.store.insert(&key, &new(json!({})), &POLICY).await;
        ensure_matches!(inserted.map_err(text)?, Inserted::Conflict);
        Ok(())
    }

    pub async fn reservation_ends(&self) -> Checks {
        let key = key();
        self.delete(&key, Some(self.short())).await?;
        let begin = Instant::now();
        while self.load(&key).await? == Loaded::Ended {
            ensure!(begin.elapsed() < Duration::from_secs(20), "a reservation does not end");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        ensure_matches!(self.load(&key).await?, Loaded::Missing);
        let inserted = self.store.insert(&key, &new(json!({ "new": 1 })), &POLICY).await;
        ensure_matches!(inserted.map_err(text)?, Inserted::Created(_));
        self.found(&key).await.map(drop)
    }

    pub async fn two_handles_agree(&self) -> Checks {
        let key = self.blue().await?;
        let seen = async || self.other.load(&key).await.map_err(text);
        ensure_matches!(seen().await?, Loaded::Found(_));
        ensure_matches!(self.merge(&key, &set(json!({ "a": 1 }))).await?, Merged::Applied(_));
        let Loaded::Found(snapshot) = seen().await? else { return Err("not found".into()) };
        ensure!(snapshot.data.contains_key("a"), "the other handle sees an old session");
        self.delete(&key, None).await?;
        ensure_matches!(seen().await?, Loaded::Missing);
        Ok(())
    }

    pub async fn dropped_futures(&self) -> Checks {
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
        ensure_matches!(self.merge(&key, &set(json!({ "last": 1 }))).await?, Merged::Applied(_));
        let found = self.found(&key).await?.data;
        ensure!(found.get("a") == found.get("b"), "half a change: {found:?}");
        Ok(())
    }

    pub async fn sweep(&self) -> Checks {
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
        ensure_matches!(self.load(&ended).await?, Loaded::Ended);
        Ok(())
    }

    pub async fn principals(&self) -> Checks {
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
        ensure_matches!(self.load(&renewed).await?, Loaded::Missing);
        ensure_matches!(self.merge(&two, &set(json!({ "a": 1 }))).await?, Merged::Gone);
        Ok(())
    }

    pub async fn check_is_true(&self) -> Checks {
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
