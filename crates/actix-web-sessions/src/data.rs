//! The data of a session, the changes of one request, and how changes are applied.

mod finite;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::ValueError;
use crate::expiry::Expiry;

/// The values of one session, by name.
pub type Data = Map<String, Value>;

/// The maximum nesting of lists and maps in a value; `serde_json` reads 127 levels.
const MAX_DEPTH: usize = 100;

/// The changes of one request by name, so that concurrent requests that change different names lose
/// nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes {
    /// Values to store.
    pub set: Data,
    /// Names to remove.
    pub removed: Vec<String>,
    /// The session's own expiry from now on; `None` leaves the stored one.
    pub expiry: Option<Expiry>,
}

impl Changes {
    /// Returns the changes from `before` to `after`. Values are compared as a whole, so that an
    /// edit inside a value counts.
    pub fn between(before: &Data, after: &Data) -> Self {
        let differs = |(name, value): &(&String, &Value)| before.get(*name) != Some(*value);
        let set = after.iter().filter(differs).map(|(k, v)| (k.clone(), v.clone())).collect();
        let removed = before.keys().filter(|name| !after.contains_key(*name)).cloned().collect();
        Self { set, removed, expiry: None }
    }

    /// Returns whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.removed.is_empty() && self.expiry.is_none()
    }

    /// Applies the changes to stored data. The store applies the expiry.
    pub fn apply_to(&self, data: &mut Data) {
        for name in &self.removed {
            data.remove(name);
        }
        data.extend(self.set.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
}

/// Adds `by` to the integer under `name` and returns the sum. A missing value and one that is no
/// number count as 0, a fraction is truncated, and the sum saturates.
pub fn add_to(data: &mut Data, name: &str, by: i64) -> i64 {
    let sum = integer(data.get(name)).saturating_add(by);
    data.insert(name.to_owned(), sum.into());
    sum
}

/// Returns the integer value of a counter: numbers are truncated, anything else is 0.
#[expect(clippy::cast_possible_truncation, reason = "truncation is meant, and it saturates")]
pub fn integer(value: Option<&Value>) -> i64 {
    match value {
        Some(Value::Number(number)) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => integer,
            (None, float) => float.unwrap_or(0.0) as i64,
        },
        _ => 0,
    }
}

/// Converts a typed value into one that every store can store.
pub(crate) fn encode(name: &str, value: impl Serialize) -> Result<Value, ValueError> {
    check_name(name)?;
    finite::check(&value)?;
    let value = serde_json::to_value(value).map_err(|_error| ValueError::Json)?;
    if deeper_than(MAX_DEPTH, &value) {
        return Err(ValueError::TooDeep { limit: MAX_DEPTH });
    }
    if contains_nul(&value) { Err(ValueError::Nul) } else { Ok(value) }
}

pub(crate) fn check_name(name: &str) -> Result<(), ValueError> {
    if name.contains('\0') { Err(ValueError::Nul) } else { Ok(()) }
}

/// Converts a stored value into a typed one.
pub(crate) fn decode<T: DeserializeOwned>(value: &Value) -> Result<T, ValueError> {
    T::deserialize(value).map_err(|_error| ValueError::Type)
}

/// Returns the approximate size of data as JSON, in bytes.
#[cfg(feature = "diesel-postgres")]
pub(crate) fn approximate_size(data: &Data) -> usize {
    data.iter().map(|(name, value)| name.len() + value_size(value)).sum()
}

/// As [`approximate_size`], of one value.
#[cfg(feature = "diesel-postgres")]
pub(crate) fn value_size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(value_size).sum(),
        Value::Object(fields) => approximate_size(fields),
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
    }
}

fn deeper_than(levels: usize, value: &Value) -> bool {
    let inside = |value: &Value| deeper_than(levels - 1, value);
    match value {
        Value::Array(items) => levels == 0 || items.iter().any(inside),
        Value::Object(fields) => levels == 0 || fields.values().any(inside),
        _ => false,
    }
}

fn contains_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(contains_nul),
        Value::Object(fields) => {
            fields.iter().any(|(name, value)| name.contains('\0') || contains_nul(value))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn data(value: Value) -> Data {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn changes_are_the_names_that_differ() {
        let before = data(json!({ "same": 1, "nested": { "a": 1 }, "gone": true }));
        let after = data(json!({ "same": 1, "nested": { "a": 2 }, "new": "x" }));

        let changes = Changes::between(&before, &after);

        assert_eq!(changes.set, data(json!({ "nested": { "a": 2 }, "new": "x" })));
        assert_eq!(changes.removed, ["gone"]);
        let mut merged = before;
        changes.apply_to(&mut merged);
        assert_eq!(merged, after);
        assert!(Changes::between(&after, &after).is_empty());
    }

    #[test]
    fn encode_refuses_values_that_a_store_cannot_keep() {
        assert_eq!(encode("k", "a\0b"), Err(ValueError::Nul));
        assert_eq!(encode("k", json!([{ "a": ["\0"] }])), Err(ValueError::Nul));
        assert_eq!(encode("k\0", 1), Err(ValueError::Nul));
        assert_eq!(encode("k", f64::NAN), Err(ValueError::NotFinite));
        assert_eq!(encode("k", vec![Some((1, f32::INFINITY))]), Err(ValueError::NotFinite));
        assert_eq!(encode("k", "a\u{1}b").unwrap(), json!("a\u{1}b"));
        assert_eq!(encode("k", None::<f64>).unwrap(), Value::Null);

        let nested = |levels| (0..levels).fold(json!(1), |value, _| json!([value]));
        assert!(encode("k", nested(MAX_DEPTH)).is_ok());
        let deep = encode("k", nested(MAX_DEPTH + 1));
        assert_eq!(deep, Err(ValueError::TooDeep { limit: MAX_DEPTH }));
    }

    #[test]
    fn addition_makes_an_integer_of_anything() {
        for (before, by, after) in [
            (None, 2, 2),
            (Some(json!(40)), 2, 42),
            (Some(json!(2.9)), 1, 3),
            (Some(json!(-2.9)), 1, -1),
            (Some(json!(1e300)), 1, i64::MAX),
            (Some(json!(i64::MAX)), 1, i64::MAX),
            (Some(json!(i64::MIN)), -1, i64::MIN),
            (Some(json!(u64::MAX)), 0, i64::MAX),
            (Some(json!("7")), 1, 1),
            (Some(json!(null)), 1, 1),
            (Some(json!([1])), 1, 1),
        ] {
            let mut data = Data::from_iter(before.map(|value| ("n".to_owned(), value)));
            assert_eq!(add_to(&mut data, "n", by), after);
            assert!(data["n"].is_i64());
        }
    }
}
