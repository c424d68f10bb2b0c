//! A record as its file has it, before validation.

use std::sync::Arc;

use super::{Code, CreditName, Key, Problem};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Text(String),
    Person(CreditName),
    /// An identifier with the name of the list that it belongs to.
    ListId {
        list: String,
        id: String,
    },
}

/// The values of one field. Without values the field was present and blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub key: Key,
    /// The column or key in the file, where it differs from the field's name.
    pub column: Option<Arc<str>>,
    pub values: Vec<Value>,
}

/// The raw values of a record, and the problems met while they were read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    fields: Vec<Field>,
    pub problems: Vec<Problem>,
}

/// The settings of a validation.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// A blank field clears the stored fact instead of keeping it.
    pub blank_clears: bool,
    /// The `strftime` format of dates other than ISO 8601.
    pub date_format: Option<String>,
    /// The list that plain `id` values belong to. Without a name they are reported.
    pub list: Option<String>,
    /// An operator entered the values: the first of January is a day, not only a year.
    pub is_typed: bool,
}

impl Draft {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a value under the field's own name.
    pub fn set(mut self, key: Key, value: impl Into<String>) -> Self {
        self.push(key, None, vec![Value::Text(value.into())]);
        self
    }

    /// Adds a value, if there is one.
    pub fn set_some(self, key: Key, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.set(key, value),
            None => self,
        }
    }

    /// Adds a value of that column, if there is one.
    pub fn set_column(mut self, key: Key, column: &'static str, value: Option<&str>) -> Self {
        if let Some(value) = value {
            self.push(key, Some(column.into()), vec![Value::Text(value.to_owned())]);
        }
        self
    }

    /// Adds the values of a list, if there are any.
    pub fn set_list(mut self, key: Key, values: impl IntoIterator<Item = String>) -> Self {
        let values: Vec<Value> = values.into_iter().map(Value::Text).collect();
        if !values.is_empty() {
            self.push(key, None, values);
        }
        self
    }

    pub fn set_people(
        mut self,
        key: Key,
        people: impl IntoIterator<Item = impl Into<CreditName>>,
    ) -> Self {
        let values = people.into_iter().map(|person| Value::Person(person.into()));
        let values: Vec<Value> = values.collect();
        if !values.is_empty() {
            self.push(key, None, values);
        }
        self
    }

    pub fn push(&mut self, key: Key, column: Option<Arc<str>>, values: Vec<Value>) {
        self.fields.push(Field { key, column, values });
    }

    pub fn problem(&mut self, field: Key, column: Option<Arc<str>>, value: &str, code: Code) {
        self.problems.push(Problem { field, column, value: value.to_owned(), code });
    }

    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    pub fn has(&self, key: Key) -> bool {
        self.fields.iter().any(|field| field.key == key)
    }

    /// Returns the first text of a field.
    pub fn first(&self, key: Key) -> Option<&str> {
        let values = self.fields.iter().filter(|field| field.key == key);
        values.flat_map(|field| &field.values).find_map(|value| match value {
            Value::Text(text) => Some(text.as_str()),
            Value::Person(_) | Value::ListId { .. } => None,
        })
    }

    /// Adds the values of another row about the same movie: those that are new, and the earlier
    /// date. Of a field with one value the first counts; validation reports the others.
    pub fn merge(&mut self, other: Self) {
        self.problems.extend(other.problems);
        for field in other.fields {
            let known = self.fields.iter_mut().find(|known| known.key == field.key);
            match known {
                None => self.fields.push(field),
                Some(known) if matches!(field.key, Key::Released | Key::Year) => {
                    let first = |field: &Field| match field.values.first() {
                        Some(Value::Text(text)) => text.clone(),
                        _ => String::new(),
                    };
                    if first(&field) < first(known) {
                        known.values = field.values;
                    }
                }
                Some(known) => {
                    for value in field.values {
                        if !known.values.contains(&value) {
                            known.values.push(value);
                        }
                    }
                }
            }
        }
    }

    /// Whether the record is about a person: named by `director`, and with nothing of a movie.
    pub fn is_person(&self) -> bool {
        self.has(Key::Directors)
            && !self.has(Key::Title)
            && !self.fields.iter().any(|field| field.key.is_movie_only())
    }

    /// Removes and returns every field of that key.
    pub(super) fn take(&mut self, key: Key) -> Vec<Field> {
        self.fields.extract_if(.., |field| field.key == key).collect()
    }
}

impl Field {
    pub fn report(&self, value: &str, code: Code) -> Problem {
        Problem { field: self.key, column: self.column.clone(), value: value.to_owned(), code }
    }
}
