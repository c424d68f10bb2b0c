//! The operations of a [`Store`] as changes to records.

use std::time::Duration;

use serde_json::Value;

use super::format::{Live, Record, State, now};
use super::{MAX_ATTEMPTS, RecordStore, Versioned, Write, pause};
use crate::data::{Changes, Data, add_to};
use crate::error::{Result, StoreError, ValueError};
use crate::expiry::{Policy, micros};
use crate::key::StoreKey;
use crate::store::{
    Added, Capabilities, FOLLOW_PERIOD, Inserted, Loaded, MAX_SUCCESSORS, Merged, NewSession,
    RETIREMENT_PERIOD, Retire, Rotated, Snapshot, Store, Swapped, Touched,
};

impl<R: RecordStore> Store for Versioned<R> {
    async fn load(&self, key: &StoreKey) -> Result<Loaded> {
        let (record, version) = self.read(key).await?;
        if let (None, Some(version)) = (&record, &version) {
            // Reported once.
            self.records.remove(key, version).await?;
        }
        let now = now();
        Ok(match record {
            Some(Record { state: State::Live(live), .. }) if live.ends > now => {
                Loaded::Found(live.snapshot(now))
            }
            Some(Record { state: State::Retired { ends, .. }, .. }) if ends > now => {
                Loaded::Retired
            }
            Some(record) if record.reserved > now => Loaded::Ended,
            _ => Loaded::Missing,
        })
    }

    async fn insert(
        &self,
        key: &StoreKey,
        session: &NewSession,
        policy: &Policy,
    ) -> Result<Inserted> {
        self.change(key, |record, now| {
            if record.is_some_and(|record| record.kept_until() > now) {
                return (Write::Nothing, Inserted::Conflict);
            }
            let live = Live::new(session, policy, now);
            let life = live.life(now);
            let reserved = session.reserved.map_or(0, |span| now.saturating_add(micros(span)));
            (Write::Put(Record { state: State::Live(live), reserved }), Inserted::Created(life))
        })
        .await
    }

    async fn merge(&self, key: &StoreKey, changes: &Changes, policy: &Policy) -> Result<Merged> {
        let change = self.change_live(key, |live, now| {
            live.merge(changes, policy, now);
            (true, live.life(now))
        });
        Ok(change.await?.into())
    }

    async fn touch(&self, key: &StoreKey, policy: &Policy) -> Result<Touched> {
        self.change(key, |record, now| match record {
            Some(Record { state: State::Live(mut live), reserved }) if live.ends > now => {
                if !policy.is_due(live.life(now)) {
                    return (Write::Nothing, Touched::Fresh);
                }
                live.extend(policy, now);
                let life = live.life(now);
                (Write::Put(Record { state: State::Live(live), reserved }), Touched::Extended(life))
            }
            Some(Record { state: State::Retired { ends, .. }, .. }) if ends > now => {
                (Write::Nothing, Touched::Retired)
            }
            _ => (Write::Nothing, Touched::Gone),
        })
        .await
    }

    /// Stores the session under the new key first and then retires the old one, so that a request
    /// that finds the old key retired finds the new one live.
    async fn rotate(
        &self,
        old: &StoreKey,
        new: &StoreKey,
        changes: &Changes,
        retire: Retire,
        policy: &Policy,
    ) -> Result<Rotated> {
        let _lock = self.locks.lock(old).await;
        for attempt in 0..MAX_ATTEMPTS {
            let (record, version) = self.read(old).await?;
            let now = now();
            let (mut live, reserved) = match record {
                Some(Record { state: State::Live(live), reserved }) if live.ends > now => {
                    (live, reserved)
                }
                Some(Record { state: State::Retired { ends, .. }, .. }) if ends > now => {
                    return Ok(Rotated::Retired);
                }
                _ => return Ok(Rotated::Gone),
            };
            live.merge(changes, policy, now);
            let life = live.life(now);
            let moved = Record { state: State::Live(live), reserved: 0 };
            if !self.write(new, None, Write::Put(moved)).await? {
                return Err(StoreError::other("the new key is in use"));
            }
            let follow = match retire {
                Retire::Follow => now.saturating_add(micros(FOLLOW_PERIOD)),
                Retire::Refuse => 0,
            };
            let ends = now.saturating_add(micros(RETIREMENT_PERIOD));
            let state = State::Retired { successor: *new, follow, ends };
            let retired = Write::Put(Record { state, reserved });
            if self.write(old, version.as_ref(), retired).await? {
                return Ok(Rotated::Rotated(life));
            }
            self.discard(new).await?;
            pause(attempt).await;
        }
        Err(StoreError::contended())
    }

    async fn delete(&self, key: &StoreKey, reserve: Option<Duration>) -> Result<()> {
        let (mut target, mut reserve) = (*key, reserve);
        for _ in 0..=MAX_SUCCESSORS {
            let next = self.change(&target, |record, now| {
                let wanted = reserve.map_or(0, |span| now.saturating_add(micros(span)));
                let reserved = wanted.max(record.as_ref().map_or(0, |record| record.reserved));
                match record {
                    Some(Record {
                        state: state @ State::Retired { successor, ends, .. }, ..
                    }) if ends > now => (Write::Put(Record { state, reserved }), Some(successor)),
                    _ if reserved > now => {
                        (Write::Put(Record { state: State::Ended, reserved }), None)
                    }
                    _ => (Write::Remove, None),
                }
            });
            match next.await? {
                Some(successor) => (target, reserve) = (successor, None),
                None => break,
            }
        }
        Ok(())
    }

    async fn swap(
        &self,
        key: &StoreKey,
        field: &str,
        expected: &Value,
        new: &Value,
        policy: &Policy,
    ) -> Result<Swapped> {
        let change = self.change_live(key, |live, now| {
            let stored = live.data.get(field).unwrap_or(&Value::Null);
            if stored != expected {
                return (false, Err(stored.clone()));
            }
            live.data.insert(field.to_owned(), new.clone());
            live.extend(policy, now);
            (true, Ok(live.snapshot(now)))
        });
        Ok(change.await?.into())
    }

    async fn add(&self, key: &StoreKey, field: &str, by: i64, policy: &Policy) -> Result<Added> {
        let change = self.change_live(key, |live, now| {
            add_to(&mut live.data, field, by);
            live.extend(policy, now);
            (true, live.snapshot(now))
        });
        Ok(change.await?.into())
    }

    fn check(&self, data: &Data) -> Result<(), ValueError> {
        self.records.check(data)
    }

    fn capabilities(&self) -> Capabilities {
        self.records.capabilities()
    }

    async fn delete_expired(&self, limit: usize) -> Result<usize> {
        self.records.remove_expired(limit).await
    }

    async fn count_expired(&self) -> Result<usize> {
        self.records.count_expired().await
    }

    async fn ping(&self) -> Result<()> {
        self.records.ping().await
    }

    async fn sessions_of(&self, principal: &str) -> Result<Vec<(StoreKey, Snapshot)>> {
        self.find(principal).await
    }
}
