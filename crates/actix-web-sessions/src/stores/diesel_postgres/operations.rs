//! The operations on rows, which run in batches.

use std::collections::HashMap;
use std::iter::repeat_n;
use std::time::{Duration, UNIX_EPOCH};

use diesel::QueryResult;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Value, json};

use super::batcher::Operation;
use super::statements::{
    Changes as Columns, Insert, InsertOrReplace, Select, Update, UpdateUnlocked,
};
use crate::data::{Changes, Data, approximate_size, value_size};
use crate::expiry::{Expiry, Life, Policy};
use crate::key::StoreKey;
use crate::store::{NewSession, Snapshot};

/// The largest summand that can share a statement: sums of 256 of them do not overflow.
const MAX_JOINED: u64 = 1 << 53;

/// A live row without its key.
#[derive(Debug, Clone)]
pub struct Row {
    pub data: Data,
    age: Duration,
    pub life: Life,
}

/// Key, data, age, own lifetime, own end, remaining time.
pub type ChangedColumns = (Vec<u8>, Option<Value>, f64, Option<f64>, Option<f64>, f64);

impl Row {
    pub fn of(
        (key, data, age, own_seconds, own_until, remaining): ChangedColumns,
    ) -> (StoreKey, Self) {
        let life = Life { expiry: expiry(own_seconds, own_until), remaining: span(remaining) };
        (key_of(&key), Self { data: object(data), age: span(age), life })
    }

    pub fn snapshot(self) -> Snapshot {
        Snapshot::new(self.data, self.age, self.life)
    }
}

/// The table holds no keys of another length.
pub fn key_of(bytes: &[u8]) -> StoreKey {
    StoreKey::from_bytes(bytes.try_into().unwrap_or_default())
}

/// The table holds nothing but objects.
fn object(value: Option<Value>) -> Data {
    match value {
        Some(Value::Object(data)) => data,
        _ => Data::new(),
    }
}

fn span(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or_default()
}

fn expiry(own_seconds: Option<f64>, own_until: Option<f64>) -> Expiry {
    match (own_seconds, own_until) {
        (_, Some(end)) => Expiry::At(UNIX_EPOCH + span(end)),
        (None, None) => Expiry::Policy,
        (Some(0.0), _) => Expiry::BrowserClose,
        (Some(seconds), _) => Expiry::After(span(seconds)),
    }
}

/// Returns `own_seconds` and `own_until` of an expiry. A lifetime of zero is stored as -1, because
/// 0 means that the session ends with the browser.
fn own(expiry: Expiry) -> (Option<f64>, Option<f64>) {
    match expiry.clamped() {
        Expiry::Policy => (None, None),
        Expiry::BrowserClose => (Some(0.0), None),
        Expiry::After(Duration::ZERO) => (Some(-1.0), None),
        Expiry::After(lifetime) => (Some(lifetime.as_secs_f64()), None),
        Expiry::At(end) => {
            (None, Some(end.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()))
        }
    }
}

/// The state of a key.
#[derive(Debug, Clone)]
pub enum RowState {
    Live(Snapshot),
    Retired { successor: StoreKey, follows: bool },
    Ended,
    Missing,
}

#[derive(Clone)]
pub struct Load(pub StoreKey);

/// [`ChangedColumns`] of a live row, the successor of a retired one, whether that is followed, and
/// whether the key is reserved.
type LoadedColumns =
    (Vec<u8>, Option<Value>, f64, Option<f64>, Option<f64>, f64, Option<Vec<u8>>, bool, bool);

impl Operation for Load {
    type Answer = RowState;

    fn key(&self) -> &StoreKey {
        &self.0
    }

    fn joins(&self, _: &Self) -> bool {
        true
    }

    async fn run(
        connection: &mut AsyncPgConnection,
        loads: &[Self],
        _wait: bool,
    ) -> QueryResult<Vec<Option<RowState>>> {
        let mut keys: Vec<[u8; 32]> = loads.iter().map(|load| *load.0.as_bytes()).collect();
        keys.dedup();
        let rows: Vec<LoadedColumns> = Select { keys }.load(connection).await?;
        let mut found = HashMap::with_capacity(rows.len());
        for (key, data, age, own_seconds, own_until, remaining, successor, follows, reserved) in
            rows
        {
            let state = match (data, successor) {
                (Some(data), _) => {
                    let columns = (key.clone(), Some(data), age, own_seconds, own_until, remaining);
                    RowState::Live(Row::of(columns).1.snapshot())
                }
                (None, Some(successor)) => {
                    RowState::Retired { successor: key_of(&successor), follows }
                }
                (None, None) if reserved => RowState::Ended,
                (None, None) => RowState::Missing,
            };
            found.insert(key_of(&key), state);
        }
        let answer = |same: &[Self]| {
            let state = found.remove(&same[0].0).unwrap_or(RowState::Missing);
            repeat_n(Some(state), same.len())
        };
        Ok(loads.chunk_by(|a, b| a.0 == b.0).flat_map(answer).collect())
    }
}

/// A new row.
#[derive(Debug, Clone)]
pub struct New {
    key: StoreKey,
    data: Data,
    age: f64,
    lifetime: f64,
    own: (Option<f64>, Option<f64>),
    reserved: Option<f64>,
}

impl New {
    pub fn of(key: &StoreKey, session: &NewSession, policy: &Policy) -> Self {
        Self {
            key: *key,
            data: session.data.clone(),
            age: session.age.as_secs_f64(),
            lifetime: policy.lifetime(session.expiry).as_secs_f64(),
            own: own(session.expiry),
            reserved: session.reserved.map(|span| span.as_secs_f64()),
        }
    }
}

impl Operation for New {
    /// The time until its end; `None`: the key is in use.
    type Answer = Option<Duration>;

    fn key(&self) -> &StoreKey {
        &self.key
    }

    fn joins(&self, _: &Self) -> bool {
        false
    }

    fn size(&self) -> usize {
        approximate_size(&self.data)
    }

    /// A batch is inserted without looking for expired rows, as its keys are new. A single
    /// operation also replaces an expired row.
    async fn run(
        connection: &mut AsyncPgConnection,
        rows: &[Self],
        wait: bool,
    ) -> QueryResult<Vec<Option<Option<Duration>>>> {
        if !wait {
            return Ok(vec![None; rows.len()]);
        }
        let mut insert = Insert::default();
        for new in rows {
            insert.key_hash.push(*new.key.as_bytes());
            insert.data.push(Value::Object(new.data.clone()));
            insert.age.push(new.age);
            insert.lifetime.push(new.lifetime);
            insert.own_seconds.push(new.own.0);
            insert.own_until.push(new.own.1);
            insert.reserved.push(new.reserved);
        }
        let inserted: Vec<(Vec<u8>, f64)> = if rows.len() == 1 {
            InsertOrReplace(insert).load(connection).await?
        } else {
            insert.load(connection).await?
        };
        let inserted: HashMap<StoreKey, f64> =
            inserted.into_iter().map(|(key, remaining)| (key_of(&key), remaining)).collect();
        Ok(rows.iter().map(|new| Some(inserted.get(&new.key).copied().map(span))).collect())
    }
}

/// A change to a live row.
#[derive(Debug, Clone)]
pub struct Change {
    pub key: StoreKey,
    pub kind: Kind,
    /// The lifetime of a session without an expiry of its own.
    pub age: Duration,
}

#[derive(Debug, Clone)]
pub enum Kind {
    Merge(Changes),
    Add { field: String, by: i64 },
    Swap { field: String, expected: Value, value: Value },
    Touch,
}

impl Change {
    fn by(&self) -> i64 {
        match self.kind {
            Kind::Add { by, .. } => by,
            _ => 0,
        }
    }
}

impl Operation for Change {
    /// The row after the change, with its data after an addition or a swap. `None` if there is no
    /// live row, or it does not have the expected value.
    type Answer = Option<Row>;

    fn key(&self) -> &StoreKey {
        &self.key
    }

    /// Additions to one counter can share a statement.
    fn joins(&self, earlier: &Self) -> bool {
        let small = |by: i64| by.unsigned_abs() <= MAX_JOINED;
        match (&self.kind, &earlier.kind) {
            (Kind::Add { field, by }, Kind::Add { field: same, by: before }) => {
                field == same && small(*by) && small(*before)
            }
            _ => false,
        }
    }

    fn size(&self) -> usize {
        match &self.kind {
            Kind::Merge(changes) => approximate_size(&changes.set),
            Kind::Swap { expected, value, .. } => value_size(expected) + value_size(value),
            Kind::Add { .. } | Kind::Touch => 0,
        }
    }

    async fn run(
        connection: &mut AsyncPgConnection,
        changes: &[Self],
        wait: bool,
    ) -> QueryResult<Vec<Option<Option<Row>>>> {
        let of_one_row = || changes.chunk_by(|a, b| a.key == b.key);
        let mut columns = Columns::default();
        of_one_row().for_each(|joined| columns.push(joined));
        let rows: Vec<ChangedColumns> = if wait {
            Update(columns).load(connection).await?
        } else {
            UpdateUnlocked(columns).load(connection).await?
        };
        let mut stored: HashMap<StoreKey, Row> = rows.into_iter().map(Row::of).collect();
        let mut locked = Vec::new();
        if !wait {
            let missing = of_one_row().filter(|joined| !stored.contains_key(&joined[0].key));
            let loads: Vec<Load> = missing.map(|joined| Load(joined[0].key)).collect();
            let states = Load::run(connection, &loads, true).await?;
            let live = |state: &Option<RowState>| matches!(state, Some(RowState::Live(_)));
            let of_live = loads.iter().zip(states).filter(|(_, state)| live(state));
            locked.extend(of_live.map(|(load, _)| load.0));
        }
        let mut answers = Vec::with_capacity(changes.len());
        for joined in of_one_row() {
            if locked.contains(&joined[0].key) {
                answers.extend(repeat_n(None, joined.len()));
            } else {
                let row = stored.remove(&joined[0].key);
                answers.extend(after_each(joined, row).into_iter().map(Some));
            }
        }
        Ok(answers)
    }
}

impl Columns {
    /// Appends the combined effect of operations on one row.
    pub fn push(&mut self, joined: &[Change]) {
        let Some(last) = joined.last() else { return };
        let (mut removed, mut set, mut expiry) = (None, None, None);
        let (mut field, mut by, mut value, mut expected) = (None, None, None, None);
        match &last.kind {
            Kind::Merge(changes) => {
                removed = Some(json!(changes.removed));
                set = Some(Value::Object(changes.set.clone()));
                expiry = changes.expiry;
            }
            Kind::Add { field: name, .. } => {
                field = Some(name.clone());
                by = Some(joined.iter().map(Change::by).sum());
            }
            Kind::Swap { field: name, expected: before, value: after } => {
                field = Some(name.clone());
                (expected, value) = (Some(before.clone()), Some(after.clone()));
            }
            Kind::Touch => {}
        }
        let (own_seconds, own_until) = expiry.map_or((None, None), own);
        self.key_hash.push(*last.key.as_bytes());
        self.removed.push(removed);
        self.set.push(set);
        self.field.push(field);
        self.by.push(by);
        self.value.push(value);
        self.expected.push(expected);
        self.age.push(last.age.as_secs_f64());
        self.sets_expiry.push(expiry.is_some());
        self.own_seconds.push(own_seconds);
        self.own_until.push(own_until);
    }
}

/// Returns the row after each of several additions, given the row after the last one.
fn after_each(joined: &[Change], last: Option<Row>) -> Vec<Option<Row>> {
    let mut answers = Vec::with_capacity(joined.len());
    let mut row = last;
    for change in joined.iter().skip(1).rev() {
        answers.push(row.clone());
        if let (Kind::Add { field, by }, Some(row)) = (&change.kind, &mut row)
            && let Some(sum) = row.data.get(field).and_then(Value::as_i64)
        {
            row.data.insert(field.clone(), sum.saturating_sub(*by).into());
        }
    }
    answers.push(row);
    answers.reverse();
    answers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(field: &str, by: i64) -> Change {
        let kind = Kind::Add { field: field.to_owned(), by };
        Change { key: StoreKey::from_bytes([0; 32]), kind, age: Duration::ZERO }
    }

    #[test]
    fn batch_joins_only_increments_of_one_counter() {
        let merge = Change { kind: Kind::Merge(Changes::default()), ..add("n", 1) };
        assert!(add("n", 2).joins(&add("n", -3)));
        assert!(!add("n", 1).joins(&add("m", 1)));
        assert!(!add("n", 1).joins(&add("n", i64::MAX)));
        assert!(!add("n", 1).joins(&merge) && !merge.joins(&add("n", 1)) && !merge.joins(&merge));
    }

    #[test]
    fn increments_return_their_own_result() {
        let life = Life { expiry: Expiry::Policy, remaining: Duration::ZERO };
        let data = object(Some(json!({ "n": 10, "color": "blue" })));
        let last = Row { data, age: Duration::ZERO, life };
        let answers = after_each(&[add("n", 1), add("n", 2), add("n", 3)], Some(last));
        let numbers: Vec<Value> =
            answers.into_iter().map(|row| row.unwrap().data["n"].clone()).collect();
        assert_eq!(numbers, [5, 7, 10]);
        assert!(after_each(&[add("n", 1)], None)[0].is_none());
    }
}
