//! What a request does to a session's data.

use serde_json::Value;

use crate::sessions::data::{Changes, Data};
use crate::sessions::expiry::SESSION_EXPIRY;

/// One step, applied to what is stored at that moment.
pub enum Change {
    Merge(Changes),
    Add { name: String, by: i64 },
}

impl Change {
    pub fn merge(changes: &Changes) -> Self {
        let Changes { changed, removed } = changes;
        Self::Merge(Changes { changed: changed.clone(), removed: removed.clone() })
    }

    /// The values that come anew into the session.
    pub fn values(&self) -> Option<&Data> {
        match self {
            Self::Merge(changes) => Some(&changes.changed),
            Self::Add { .. } => None,
        }
    }

    /// An addition moves no expiry that the session has of its own.
    pub fn prolongs(&self, data: &Data) -> bool {
        match self {
            Self::Merge(_) => true,
            Self::Add { .. } => !data.contains_key(SESSION_EXPIRY),
        }
    }

    pub fn apply(&self, data: &mut Data) {
        match self {
            Self::Merge(changes) => {
                for key in &changes.removed {
                    data.remove(key);
                }
                data.extend(changes.changed.iter().map(|(k, v)| (k.clone(), v.clone())));
            }
            Self::Add { name, by } => {
                let sum = whole(data.get(name)).saturating_add(*by);
                data.insert(name.clone(), sum.into());
            }
        }
    }
}

/// The whole number in a value; 0 when there is none.
#[expect(
    clippy::cast_possible_truncation,
    reason = "truncation is meant; what is too big saturates"
)]
fn whole(value: Option<&Value>) -> i64 {
    match value {
        Some(Value::Number(number)) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => whole,
            (None, Some(other)) => other as i64,
            (None, None) => 0,
        },
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_addition_makes_a_whole_number_of_anything() {
        for (before, by, after) in [
            (None, 2, 2),
            (Some(json!(40)), 2, 42),
            (Some(json!(40)), -50, -10),
            (Some(json!(2.9)), 1, 3),
            (Some(json!(-2.9)), 1, -1),
            (Some(json!(1e300)), 1, i64::MAX),
            (Some(json!(i64::MAX)), 1, i64::MAX),
            (Some(json!(i64::MIN)), -1, i64::MIN),
            (Some(json!(u64::MAX)), 0, i64::MAX),
            (Some(json!("7")), 1, 1),
            (Some(json!(null)), 1, 1),
            (Some(json!([1])), 1, 1),
            (Some(json!(true)), 1, 1),
        ] {
            let mut data = Data::from_iter(before.map(|value| ("n".to_owned(), value)));
            Change::Add { name: "n".to_owned(), by }.apply(&mut data);
            assert_eq!(data["n"], json!(after));
            assert!(data["n"].is_i64());
        }
    }
}
