//! What requests ask of the table `sessions`, answered for many at once.

use std::collections::HashMap;
use std::iter::repeat_n;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};

use super::gather::Question;
use super::statements::{Changes, Insert, Update};
use super::{Hash, object};
use crate::db::Connection;
use crate::schema::sessions;
use crate::sessions::data::Data;
use crate::sessions::engine::Dated;

/// So many of the largest additions in one statement do not overflow.
const LARGEST_JOINED: u64 = 1 << 53;

/// A live session.
pub struct Load(pub Hash);

impl Question for Load {
    type Answer = Option<Dated>;

    fn row(&self) -> &[u8] {
        &self.0
    }

    fn joins(&self, _: &Self) -> bool {
        true
    }

    async fn ask(conn: &mut Connection, loads: &[Self]) -> QueryResult<Vec<Option<Dated>>> {
        let hashes: Vec<&[u8]> = loads.iter().map(|load| load.0.as_slice()).collect();
        let rows: Vec<(Vec<u8>, Value, DateTime<Utc>)> = sessions::table
            .filter(sessions::key_hash.eq_any(hashes))
            .filter(sessions::expires_at.gt(diesel::dsl::now))
            .select((sessions::key_hash, sessions::data, sessions::expires_at))
            .load(conn)
            .await?;
        let dated = |(hash, data, expires_at)| (hash, Dated { data: object(data), expires_at });
        let mut found: HashMap<Vec<u8>, Dated> = rows.into_iter().map(dated).collect();
        let answer = |same: &[Self]| repeat_n(found.remove(same[0].row()), same.len());
        Ok(loads.chunk_by(|a, b| a.0 == b.0).flat_map(answer).collect())
    }
}

/// A session that is stored for the first time.
pub struct New {
    pub key_hash: Hash,
    pub data: Data,
    pub expires_at: DateTime<Utc>,
    pub expire_hour: i32,
}

impl Question for New {
    type Answer = ();

    fn row(&self) -> &[u8] {
        &self.key_hash
    }

    fn joins(&self, _: &Self) -> bool {
        false
    }

    async fn ask(conn: &mut Connection, sessions: &[Self]) -> QueryResult<Vec<()>> {
        let mut insert = Insert::default();
        for new in sessions {
            insert.key_hash.push(new.key_hash);
            insert.data.push(Value::Object(new.data.clone()));
            insert.expires_at.push(new.expires_at);
            insert.expire_hour.push(new.expire_hour);
        }
        insert.execute(conn).await?;
        Ok(vec![(); sessions.len()])
    }
}

/// What is to become of a stored session. The answer to an addition is its data after that; those
/// after a merge nobody asks for, and the answer to it is empty.
#[derive(Debug, Clone)]
pub struct Change {
    pub key_hash: Hash,
    pub kind: Kind,
    pub expires_at: DateTime<Utc>,
    pub expire_hour: i32,
    /// Seconds after the row was made.
    pub absolute: f64,
}

#[derive(Debug, Clone)]
pub enum Kind {
    Merge { removed: Vec<String>, changed: Data },
    Add { name: String, by: i64 },
}

impl Kind {
    pub fn merging(changes: &crate::sessions::data::Changes) -> Self {
        Self::Merge { removed: changes.removed.clone(), changed: changes.changed.clone() }
    }
}

impl Question for Change {
    type Answer = Option<Data>;

    fn row(&self) -> &[u8] {
        &self.key_hash
    }

    /// Additions to one counter are one addition.
    fn joins(&self, earlier: &Self) -> bool {
        let small = |by: i64| by.unsigned_abs() <= LARGEST_JOINED;
        match (&self.kind, &earlier.kind) {
            (Kind::Add { name, by }, Kind::Add { name: same, by: before }) => {
                name == same && small(*by) && small(*before)
            }
            _ => false,
        }
    }

    async fn ask(conn: &mut Connection, changes: &[Self]) -> QueryResult<Vec<Option<Data>>> {
        let of_one_row = || changes.chunk_by(|a, b| a.key_hash == b.key_hash);
        let mut columns = Changes::default();
        of_one_row().for_each(|joined| columns.add(joined));
        let rows: Vec<(Vec<u8>, Option<Value>)> = Update(columns).load(conn).await?;
        let mut stored: HashMap<Vec<u8>, Option<Value>> = rows.into_iter().collect();
        let mut answers = Vec::with_capacity(changes.len());
        for joined in of_one_row() {
            let data = stored.remove(joined[0].row());
            let data = data.map(|data| data.map(object).unwrap_or_default());
            answers.extend(after_each(joined, data));
        }
        Ok(answers)
    }
}

impl Changes {
    /// Appends what questions about one row ask together.
    pub fn add(&mut self, joined: &[Change]) {
        let last = &joined[joined.len() - 1];
        let (removed, changed, counter) = match &last.kind {
            Kind::Merge { removed, changed } => {
                (Some(json!(removed)), Some(Value::Object(changed.clone())), None)
            }
            Kind::Add { name, .. } => (None, None, Some(name.clone())),
        };
        self.key_hash.push(last.key_hash);
        self.removed.push(removed);
        self.changed.push(changed);
        self.counter.push(counter);
        self.by.push(joined.iter().map(Change::by).sum());
        self.expires_at.push(last.expires_at);
        self.expire_hour.push(last.expire_hour);
        self.absolute.push(last.absolute);
    }
}

impl Change {
    fn by(&self) -> i64 {
        match self.kind {
            Kind::Add { by, .. } => by,
            Kind::Merge { .. } => 0,
        }
    }
}

/// The data as each of several additions left them, from those after the last.
fn after_each(joined: &[Change], last: Option<Data>) -> Vec<Option<Data>> {
    let mut answers = Vec::with_capacity(joined.len());
    let mut data = last;
    for change in joined.iter().skip(1).rev() {
        answers.push(data.clone());
        if let (Kind::Add { name, by }, Some(data)) = (&change.kind, &mut data)
            && let Some(sum) = data.get(name).and_then(Value::as_i64)
        {
            data.insert(name.clone(), sum.saturating_sub(*by).into());
        }
    }
    answers.push(data);
    answers.reverse();
    answers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(name: &str, by: i64) -> Change {
        let kind = Kind::Add { name: name.to_owned(), by };
        let expires_at = DateTime::<Utc>::MAX_UTC;
        Change { key_hash: [0; 32], kind, expires_at, expire_hour: 0, absolute: 0.0 }
    }

    #[test]
    fn only_additions_to_one_counter_join() {
        let kind = Kind::Merge { removed: vec![], changed: Data::new() };
        let merge = Change { kind, ..add("n", 1) };
        assert!(add("n", 2).joins(&add("n", -3)));
        assert!(!add("n", 1).joins(&add("m", 1)));
        assert!(!add("n", 1).joins(&add("n", i64::MAX)));
        assert!(!add("n", 1).joins(&merge) && !merge.joins(&add("n", 1)) && !merge.joins(&merge));
    }

    #[test]
    fn each_addition_gets_the_number_that_it_made() {
        let last = object(json!({ "n": 10, "color": "blue" }));
        let answers = after_each(&[add("n", 1), add("n", 2), add("n", 3)], Some(last));
        let numbers: Vec<_> =
            answers.iter().map(|data| data.as_ref().unwrap()["n"].clone()).collect();
        assert_eq!(numbers, [json!(5), json!(7), json!(10)]);
        assert_eq!(after_each(&[add("n", 1), add("n", 2)], None), [None, None]);
    }
}
