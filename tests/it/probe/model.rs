//! A model of the framework, as plain code on plain maps: the rule by which requests that
//! overlap are merged.

use std::collections::{HashMap, HashSet};

use marquee::sessions::Data;
use serde_json::{Value, json};

use super::script::Step;

/// Stands for a session key.
pub type Key = usize;

/// All sessions, and what became of keys that were given up.
#[derive(Default)]
pub struct Store {
    pub sessions: HashMap<Key, Data>,
    successors: HashMap<Key, Key>,
    keys: Key,
}

/// The cookie of a response.
#[derive(Debug, PartialEq, Eq)]
pub enum Cookie {
    Unmentioned,
    Removed,
    Set(Key),
}

impl Store {
    pub fn insert(&mut self, data: Data) -> Key {
        self.keys += 1;
        self.sessions.insert(self.keys, data);
        self.keys
    }

    /// The key under which this session lives by now.
    fn live(&self, mut key: Key) -> Option<Key> {
        while !self.sessions.contains_key(&key) {
            key = *self.successors.get(&key)?;
        }
        Some(key)
    }

    fn delete(&mut self, key: Option<Key>) {
        if let Some(live) = key.and_then(|key| self.live(key)) {
            self.sessions.remove(&live);
        }
    }
}

/// A request under way.
#[derive(Default)]
pub struct Request {
    presented: bool,
    key: Option<Key>,
    /// The key that was presented, or used, opens nothing any more.
    retired: bool,
    before: Data,
    pub data: Data,
    /// Values that it set, whatever was stored before.
    set: HashSet<String>,
    modified: bool,
    counted: bool,
    created: bool,
    rotate: bool,
    flushed: Option<Key>,
    /// The key that was flushed had been given up.
    flushed_retired: bool,
}

impl Request {
    pub fn begin(store: &Store, cookie: Key) -> Self {
        let found = store.sessions.get(&cookie);
        let data = found.cloned().unwrap_or_default();
        Self {
            presented: true,
            // A key that was given up still leads to the session, and shows nothing of it.
            key: (found.is_some() || store.successors.contains_key(&cookie)).then_some(cookie),
            retired: found.is_none() && store.successors.contains_key(&cookie),
            before: data.clone(),
            data,
            ..Self::default()
        }
    }

    pub fn step(&mut self, store: &mut Store, step: &Step) {
        match step {
            Step::Set(key, value) => {
                self.data.insert(key.clone(), value.clone());
                self.set.insert(key.clone());
                self.modified = true;
            }
            Step::Delete(key) => _ = self.data.remove(key),
            Step::Clear => {
                self.data.clear();
                self.modified = true;
            }
            Step::Edit(key, field, value) => {
                let map = self.data.get(key).cloned().unwrap_or(json!({}));
                if let Value::Object(mut map) = map {
                    map.insert(field.clone(), (*value).into());
                    self.data.insert(key.clone(), map.into());
                }
            }
            Step::Increment(name, by) => self.increment(store, name, *by),
            Step::Flush => {
                self.flushed = self.key.take().or(self.flushed);
                (self.before, self.data) = (Data::new(), Data::new());
                self.set.clear();
                self.flushed_retired = self.retired;
                (self.rotate, self.modified, self.retired) = (false, false, false);
            }
            Step::Cycle => self.rotate = self.key.is_some(),
        }
    }

    /// Counted where the session is stored, at once; else with the other changes.
    fn increment(&mut self, store: &mut Store, name: &str, by: i64) {
        let settled = !self.set.contains(name) && self.data.get(name) == self.before.get(name);
        if let (Some(key), true) = (self.key, settled) {
            let Some(live) = store.live(key) else {
                self.restart(store, name, by);
                return;
            };
            let stored = store.sessions.get_mut(&live).unwrap();
            let sum = Value::from(whole(stored.get(name)) + by);
            stored.insert(name.to_owned(), sum.clone());
            if !self.retired {
                for data in [&mut self.before, &mut self.data] {
                    data.insert(name.to_owned(), sum.clone());
                }
            }
            self.counted |= live == key;
            return;
        }
        let sum = whole(self.data.get(name)) + by;
        self.data.insert(name.to_owned(), sum.into());
        if self.key.is_none() && self.flushed.is_none() {
            self.create(store);
        }
    }

    /// The session was erased: what was set outright and the counter, from 0, are a new one.
    fn restart(&mut self, store: &mut Store, name: &str, by: i64) {
        self.data = self.set_outright();
        self.data.insert(name.to_owned(), by.into());
        self.rotate = false;
        self.create(store);
    }

    fn create(&mut self, store: &mut Store) {
        self.key = Some(store.insert(self.data.clone()));
        self.before = self.data.clone();
        self.set.clear();
        (self.created, self.counted, self.retired) = (true, true, false);
    }

    fn set_outright(&self) -> Data {
        let named = self.data.clone().into_iter();
        named.filter(|(name, _)| self.set.contains(name)).collect()
    }

    pub fn end(self, store: &mut Store, failed: bool) -> Cookie {
        let removed = if self.presented { Cookie::Removed } else { Cookie::Unmentioned };
        let gone = self.key.is_none() && self.data.is_empty();
        if failed {
            store.delete(self.key.filter(|_| self.created));
            return if gone && self.flushed.is_none() { removed } else { Cookie::Unmentioned };
        }
        if self.key.is_none() {
            store.delete(self.flushed);
            return match gone {
                true if self.flushed_retired => Cookie::Unmentioned,
                true => removed,
                false => Cookie::Set(store.insert(self.data)),
            };
        }
        let key = self.key.unwrap();
        let differs = |(name, value): &(String, Value)| {
            self.set.contains(name) || self.before.get(name) != Some(value)
        };
        let changed: Data = self.data.clone().into_iter().filter(differs).collect();
        let outright = self.set_outright();
        let named = self.before.keys().chain(&self.set);
        let removed: HashSet<&String> =
            named.filter(|name| !self.data.contains_key(*name)).collect();
        let merge = |stored: &mut Data| {
            stored.retain(|name, _| !removed.contains(name));
            stored.extend(changed.clone());
        };
        if self.rotate && store.sessions.contains_key(&key) {
            let mut data = store.sessions.remove(&key).unwrap();
            merge(&mut data);
            let new = store.insert(data);
            store.successors.insert(key, new);
            return Cookie::Set(new);
        }
        let nothing = changed.is_empty() && removed.is_empty();
        if nothing && (self.retired || !self.modified && !self.rotate) {
            return if self.counted { Cookie::Set(key) } else { Cookie::Unmentioned };
        }
        match store.live(key) {
            Some(live) => {
                merge(store.sessions.get_mut(&live).unwrap());
                if live == key { Cookie::Set(key) } else { Cookie::Unmentioned }
            }
            None if outright.is_empty() => Cookie::Removed,
            None => Cookie::Set(store.insert(outright)),
        }
    }
}

fn whole(value: Option<&Value>) -> i64 {
    value.and_then(Value::as_i64).unwrap_or(0)
}
