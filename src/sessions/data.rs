//! What a session holds, and how one request changed it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The values of one session, by key.
pub type Data = Map<String, Value>;

/// Levels of lists and maps in a value; `serde_json` reads 127 in all.
const DEEPEST: usize = 100;

/// Why a value cannot be stored or read.
#[derive(Debug, thiserror::Error)]
pub enum ValueError {
    /// The value cannot be written as JSON, or the stored one is of another type.
    #[error("session key {key:?}: {source}")]
    Json { key: String, source: serde_json::Error },
    /// Postgres cannot hold U+0000 in JSON, so no engine does.
    #[error("session key {key:?}: the character U+0000 cannot be stored")]
    Nul { key: String },
    /// It could be written, but JSON readers refuse it.
    #[error("session key {key:?}: the value is nested deeper than {DEEPEST} levels")]
    TooDeep { key: String },
    /// All of the session, in bytes, where an engine has a limit.
    #[error("the session is too large: {size} bytes, and {limit} is the most that can be stored")]
    TooLarge { limit: usize, size: usize },
}

impl actix_web::ResponseError for ValueError {}

/// What one request did to the data: sent to the store in place of the whole, so that two
/// requests which change different keys both count.
#[derive(Debug, Default, PartialEq)]
pub struct Changes {
    pub changed: Data,
    pub removed: Vec<String>,
}

impl Changes {
    /// By comparison, so that edits inside a stored value count like any other.
    pub fn between(before: &Data, after: &Data) -> Self {
        let differs = |(key, value): &(&String, &Value)| before.get(*key) != Some(*value);
        let changed = after.iter().filter(differs).map(|(k, v)| (k.clone(), v.clone())).collect();
        let removed = before.keys().filter(|key| !after.contains_key(*key)).cloned().collect();
        Self { changed, removed }
    }

    pub fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.removed.is_empty()
    }
}

/// Typed value to stored value.
pub fn encode(key: &str, value: impl Serialize) -> Result<Value, ValueError> {
    let nul = || ValueError::Nul { key: key.to_owned() };
    let value = serde_json::to_value(value)
        .map_err(|source| ValueError::Json { key: key.to_owned(), source })?;
    if deeper_than(DEEPEST, &value) {
        return Err(ValueError::TooDeep { key: key.to_owned() });
    }
    if key.contains('\0') || holds_nul(&value) { Err(nul()) } else { Ok(value) }
}

/// Stored value to typed value.
pub fn decode<T: DeserializeOwned>(key: &str, value: &Value) -> Result<T, ValueError> {
    T::deserialize(value).map_err(|source| ValueError::Json { key: key.to_owned(), source })
}

fn deeper_than(levels: usize, value: &Value) -> bool {
    let inside = |value: &Value| deeper_than(levels - 1, value);
    match value {
        Value::Array(items) => levels == 0 || items.iter().any(inside),
        Value::Object(fields) => levels == 0 || fields.values().any(inside),
        _ => false,
    }
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(fields) => {
            fields.iter().any(|(name, value)| name.contains('\0') || holds_nul(value))
        }
        _ => false,
    }
}

/// The stock middleware's form: each value as JSON text.
pub fn to_text(data: &Data) -> std::collections::HashMap<String, String> {
    data.iter().map(|(key, value)| (key.clone(), value.to_string())).collect()
}

/// From the stock middleware's form.
pub fn from_text<'a>(
    state: impl IntoIterator<Item = (&'a String, &'a String)>,
) -> serde_json::Result<Data> {
    let parsed = state.into_iter().map(|(key, text)| Ok((key, serde_json::from_str(text)?)));
    let sorted = parsed.collect::<serde_json::Result<BTreeMap<&String, Value>>>()?;
    Ok(sorted.into_iter().map(|(key, value)| (key.clone(), value)).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn data(value: Value) -> Data {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn changes_name_what_differs_and_nothing_else() {
        let before = data(json!({ "same": 1, "nested": { "a": 1 }, "gone": true }));
        let after = data(json!({ "same": 1, "nested": { "a": 2 }, "new": "x" }));

        let changes = Changes::between(&before, &after);

        assert_eq!(changes.changed, data(json!({ "nested": { "a": 2 }, "new": "x" })));
        assert_eq!(changes.removed, ["gone"]);
        assert!(Changes::between(&after, &after).is_empty());
    }

    #[test]
    fn what_postgres_cannot_hold_is_an_error_at_the_call() {
        assert!(matches!(encode("k", "a\0b"), Err(ValueError::Nul { .. })));
        assert!(matches!(encode("k", json!([{ "a": ["\0"] }])), Err(ValueError::Nul { .. })));
        assert!(matches!(encode("k\0", 1), Err(ValueError::Nul { .. })));
        assert_eq!(encode("k", "a\u{1}b").unwrap(), json!("a\u{1}b"));

        let nested = |levels| (0..levels).fold(json!(1), |value, _| json!([value]));
        assert!(encode("k", nested(DEEPEST)).is_ok());
        assert!(matches!(encode("k", nested(DEEPEST + 1)), Err(ValueError::TooDeep { .. })));
    }
}
