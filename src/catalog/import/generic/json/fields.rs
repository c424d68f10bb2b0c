//! The fields of a JSON object: members of inner objects become columns such as `ids.imdb`.

use chrono::DateTime;
use serde_json::{Map, Value as Json};

use super::super::super::mapping::RawField;
use crate::catalog::record::{CreditName, Key, PersonName, Value};

/// Members that name an object, the first before the others.
const NAMES: [&str; 5] = ["iso_639_1", "iso_3166_1", "name", "title", "value"];

/// Returns the fields of a record. Columns of the object at `inner` lose that prefix.
pub fn flatten(object: Map<String, Json>, inner: &str) -> Vec<RawField> {
    let mut fields = Vec::new();
    add("", object, &mut fields);
    if !inner.is_empty() {
        for field in &mut fields {
            if let Some(column) = field.column.strip_prefix(inner) {
                field.column = column.to_owned();
            }
        }
    }
    fields
}

fn add(prefix: &str, object: Map<String, Json>, fields: &mut Vec<RawField>) {
    for (key, value) in object {
        let column = format!("{prefix}{key}");
        match value {
            Json::Null => fields.push(field(column, Vec::new(), false)),
            Json::Array(values) => list(column, values, fields),
            Json::Object(object) => match scalar(&object) {
                Some(text) => fields.push(field(column, vec![Value::Text(text)], false)),
                None if column == Key::Ids.name() && is_own(&object) => {
                    let ids = object
                        .into_iter()
                        .filter_map(|(list, id)| Some(Value::ListId { list, id: text(&id)? }));
                    fields.push(field(column, ids.collect(), true));
                }
                None => match object.get("name").and_then(text) {
                    Some(name) => fields.push(field(column, vec![person(&object, name)], false)),
                    None => add(&format!("{column}."), object, fields),
                },
            },
            value => {
                let values = text(&value).map(Value::Text).into_iter().collect();
                fields.push(field(column, values, false));
            }
        }
    }
}

fn field(column: String, values: Vec<Value>, is_list: bool) -> RawField {
    RawField { column, values, unreadable: None, is_list }
}

/// Identifiers by list, and not by site as Trakt writes them.
fn is_own(object: &Map<String, Json>) -> bool {
    !object.contains_key("imdb") && !object.contains_key("trakt")
}

fn list(column: String, values: Vec<Json>, fields: &mut Vec<RawField>) {
    let (mut found, mut directors, mut unreadable) = (Vec::new(), Vec::new(), None);
    for value in values {
        match value {
            Json::Object(object) if object.contains_key("job") => {
                if object["job"] == "Director"
                    && let Some(name) = object.get("name").and_then(text)
                {
                    directors.push(Value::Text(name));
                }
            }
            Json::Object(object) => {
                let name = NAMES.iter().find_map(|name| text(object.get(*name)?));
                match scalar(&object).or(name) {
                    Some(name) => found.push(person(&object, name)),
                    None => unreadable = Some(Json::Object(object).to_string()),
                }
            }
            Json::Null => {}
            value => match text(&value) {
                Some(text) => found.push(Value::Text(text)),
                None => unreadable = Some(value.to_string()),
            },
        }
    }
    if !directors.is_empty() {
        let column = format!("{column}.director");
        fields.push(RawField { column, values: directors, unreadable: None, is_list: true });
    }
    fields.push(RawField { column, values: found, unreadable, is_list: true });
}

/// A person whose object holds an IMDb identifier or a character, else the name alone.
fn person(object: &Map<String, Json>, name: String) -> Value {
    let imdb = object.get("imdb").or_else(|| object.get("imdb_id")).and_then(Json::as_str);
    let imdb = imdb.filter(|imdb| imdb.starts_with("nm")).map(str::to_owned);
    let character = object.get("character").and_then(text).filter(|name| !name.is_empty());
    if imdb.is_none() && character.is_none() {
        return Value::Text(name);
    }
    Value::Person(CreditName { person: PersonName { name, imdb }, character })
}

fn text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(value) => Some(value.to_string()),
        Json::Object(object) => scalar(object),
        Json::Null | Json::Array(_) => None,
    }
}

/// The value of an object that stands for one: `MongoDB`'s `{"$numberInt": "5"}` and the results of a
/// SPARQL query, `{"type": "literal", "value": "…"}`.
fn scalar(object: &Map<String, Json>) -> Option<String> {
    if let (Some(_), Some(value)) = (object.get("type"), object.get("value"))
        && !object.contains_key("name")
    {
        return text(value);
    }
    let (name, value) = object.iter().next().filter(|_| object.len() == 1)?;
    match name.as_str() {
        "$oid" | "$numberInt" | "$numberLong" | "$numberDouble" | "$numberDecimal" => text(value),
        "$date" => {
            let written = text(value)?;
            let Ok(milliseconds) = written.parse() else { return Some(written) };
            let date = DateTime::from_timestamp_millis(milliseconds)?;
            Some(date.date_naive().to_string())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn columns(object: Json) -> Vec<(String, Vec<String>)> {
        let Json::Object(object) = object else { panic!() };
        let value = |value: &Value| match value {
            Value::Text(text) => text.clone(),
            Value::Person(CreditName { person, character }) => {
                let more = person.imdb.iter().chain(character);
                [&person.name].into_iter().chain(more).cloned().collect::<Vec<_>>().join(" ")
            }
            Value::ListId { list, id } => format!("{list}:{id}"),
        };
        let fields = flatten(object, "movie.");
        fields.iter().map(|f| (f.column.clone(), f.values.iter().map(value).collect())).collect()
    }

    #[test]
    fn members_of_inner_objects_become_columns() {
        for (object, expected) in [
            (json!({"movie": {"title": "A"}}), ("title", vec!["A"])),
            (json!({"a": {"b": {"c": 1}}}), ("a.b.c", vec!["1"])),
            (json!({"a": {"name": "N", "id": 1}}), ("a", vec!["N"])),
            (json!({"a": {"$numberInt": "5"}}), ("a", vec!["5"])),
            (json!({"a": {"$date": {"$numberLong": "-86400000"}}}), ("a", vec!["1969-12-31"])),
            (json!({"a": {"type": "uri", "value": "http://x"}}), ("a", vec!["http://x"])),
            (json!({"a": [{"name": "N"}, "M", 5, null]}), ("a", vec!["N", "M", "5"])),
            (json!({"a": [{"name": "N", "imdb": "nm1"}]}), ("a", vec!["N nm1"])),
            (json!({"a": [{"name": "N", "character": "C"}]}), ("a", vec!["N C"])),
            (json!({"a": [{"iso_639_1": "ja", "name": "日本語"}]}), ("a", vec!["ja"])),
            (json!({"ids": {"mine": 7}}), ("ids", vec!["mine:7"])),
            (json!({"ids": {"imdb": "tt1"}}), ("ids.imdb", vec!["tt1"])),
            (
                json!({"crew": [{"job": "Director", "name": "D"}, {"job": "Writer", "name": "W"}]}),
                ("crew.director", vec!["D"]),
            ),
        ] {
            let first = columns(object).swap_remove(0);
            let (column, values) = expected;
            assert_eq!(first, (column.to_owned(), values.into_iter().map(str::to_owned).collect()));
        }
    }
}
