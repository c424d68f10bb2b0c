//! Columns and keys of any file, and the fields of a record that they mean.

use std::collections::HashMap;
use std::sync::Arc;

use super::cells;
use super::diagnostics::{Diagnostics, SourceLocation};
use super::options::OptionError;
use super::plan::ColumnPlan;
use super::profile::Profile;
use super::usual_columns::{USUAL_COLUMNS, usual_field};
use crate::catalog::record::text::is_no_value;
use crate::catalog::record::{Code, Draft, Key, Value};

/// The options that say how columns are read.
#[derive(Debug, Clone, Default)]
pub struct Mapping {
    /// Field and column; an empty column means none.
    columns: Vec<(Key, String)>,
    /// Delimiters of the values in one cell. Unset: found in each cell.
    separators: Option<Vec<char>>,
    filters: Vec<Filter>,
}

/// A condition on one column.
#[derive(Debug, Clone)]
struct Filter {
    column: String,
    value: String,
    is_equal: bool,
}

impl Mapping {
    /// Parses `FIELD=COLUMN` and `COLUMN=VALUE` or `COLUMN!=VALUE`.
    ///
    /// # Errors
    /// An [`OptionError`] that names the text and the fields there are.
    pub fn new(
        map: &[String],
        separators: Option<&str>,
        filters: &[String],
    ) -> Result<Self, OptionError> {
        let mut columns = Vec::new();
        for pair in map {
            let (field, column) = pair.split_once('=').ok_or_else(|| {
                OptionError(format!("--map {pair:?}: write FIELD=COLUMN, as in title=Name"))
            })?;
            let known =
                USUAL_COLUMNS.iter().map(|(key, _)| *key).find(|key| key.name() == field.trim());
            let Some(key) = known else {
                let fields: Vec<&str> = USUAL_COLUMNS.iter().map(|(key, _)| key.name()).collect();
                let near = nearest(field.trim(), fields.iter().copied());
                let near = near.map(|near| format!(" Did you mean {near:?}?")).unwrap_or_default();
                return Err(OptionError(format!(
                    "--map {pair:?}: there is no field {field:?}.{near} The fields are {}",
                    fields.join(", ")
                )));
            };
            columns.push((key, column.trim().to_owned()));
        }
        let filters = filters.iter().map(|text| {
            let (column, value) = text.split_once('=').ok_or_else(|| {
                OptionError(format!("--where {text:?}: write COLUMN=VALUE or COLUMN!=VALUE"))
            })?;
            let is_equal = !column.ends_with('!');
            let column = column.trim_end_matches('!').trim().to_owned();
            Ok(Filter { column, value: value.trim().to_lowercase(), is_equal })
        });
        Ok(Self {
            columns,
            separators: separators.map(|text| text.chars().collect()),
            filters: filters.collect::<Result<_, OptionError>>()?,
        })
    }

    /// Whether the operator names columns: then only the columns matter, not what they look like.
    pub fn is_given(&self) -> bool {
        !self.columns.is_empty()
    }

    /// Whether any option is about columns.
    pub fn needs_columns(&self) -> bool {
        self.is_given() || !self.filters.is_empty()
    }

    /// Returns an error for the first column that is named and that no file has.
    ///
    /// # Errors
    /// An [`OptionError`] that lists the columns.
    pub fn check(&self, found: &[ColumnPlan]) -> Result<(), OptionError> {
        let mapped = self.columns.iter().map(|(_, column)| ("--map", column));
        let filtered = self.filters.iter().map(|filter| ("--where", &filter.column));
        for (option, column) in mapped.chain(filtered).filter(|(_, column)| !column.is_empty()) {
            if found.iter().any(|one| &*one.name == column.as_str()) {
                continue;
            }
            let names: Vec<&str> = found.iter().map(|one| &*one.name).collect();
            let near = nearest(column, names.iter().copied());
            let near = near.map(|near| format!(" Did you mean {near:?}?")).unwrap_or_default();
            return Err(OptionError(format!(
                "{option}: there is no column {column:?}.{near} The columns are {}",
                names.join(", ")
            )));
        }
        Ok(())
    }
}

/// Returns the most similar of several words, if it is similar enough to be meant.
pub fn nearest<'a>(word: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let similar = words
        .map(|other| (strsim::jaro_winkler(&word.to_lowercase(), &other.to_lowercase()), other));
    let best = similar.max_by(|(one, _), (other, _)| one.total_cmp(other))?;
    (best.0 > 0.8).then_some(best.1)
}

/// A column with its values in one record.
pub struct RawField {
    pub column: String,
    pub values: Vec<Value>,
    /// The part of the value that could not be read.
    pub unreadable: Option<String>,
    /// The value is a list already, and its texts are not split.
    pub is_list: bool,
}

/// The columns of one file.
pub struct Columns {
    mapping: Mapping,
    profile: Profile,
    columns: Vec<Column>,
    by_name: HashMap<String, usize>,
    blank_clears: bool,
}

struct Column {
    name: Arc<str>,
    field: Option<Key>,
    rank: usize,
    is_reported: bool,
}

impl Columns {
    pub fn new(mapping: Mapping, profile: Profile, blank_clears: bool) -> Self {
        Self { mapping, profile, columns: Vec::new(), by_name: HashMap::new(), blank_clears }
    }

    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    pub fn plan(&self) -> Vec<ColumnPlan> {
        let plan = |column: &Column| ColumnPlan { name: column.name.clone(), field: column.field };
        self.columns.iter().map(plan).collect()
    }

    pub fn has(&self, field: Key) -> bool {
        self.columns.iter().any(|column| column.field == Some(field))
    }

    /// Returns the field that a column means.
    pub fn field_of(&self, column: &str) -> Option<Key> {
        self.field(column).0
    }

    /// Returns the number of a column, which is known from then on.
    pub fn learn(&mut self, name: &str) -> usize {
        if let Some(index) = self.by_name.get(name) {
            return *index;
        }
        let (field, rank) = self.field(name);
        let index = self.columns.len();
        self.columns.push(Column { name: name.into(), field, rank, is_reported: false });
        self.by_name.insert(name.to_owned(), index);
        index
    }

    fn field(&self, column: &str) -> (Option<Key>, usize) {
        let mapped = self.mapping.columns.iter().find(|(_, mapped)| mapped == column);
        if let Some((key, _)) = mapped {
            return (Some(*key), 0);
        }
        let is_mapped = |key| self.mapping.columns.iter().any(|(mapped, _)| *mapped == key);
        let (field, rank) = match self.profile.field(column) {
            Some(field) => (field, 0),
            None => match usual_field(column) {
                Some((key, rank)) => (Some(key), rank + 1),
                None => (None, 0),
            },
        };
        (field.filter(|key| !is_mapped(*key)), rank)
    }

    /// Returns the draft of a record; `None` if the options exclude it, which is counted.
    pub fn draft(
        &mut self,
        fields: Vec<RawField>,
        at: &SourceLocation,
        diagnostics: &mut Diagnostics,
    ) -> Option<Draft> {
        if !self.mapping.filters.iter().all(|filter| filter.matches(&fields)) {
            diagnostics.exclude("records that --where excludes");
            return None;
        }
        if let Some(cause) = self.profile.excludes(&fields) {
            diagnostics.exclude(cause);
            return None;
        }
        let mut numbered: Vec<(usize, RawField)> =
            fields.into_iter().map(|field| (self.learn(&field.column), field)).collect();
        if self.profile.is_unordered {
            numbered.sort_by_key(|(index, _)| {
                let column = &self.columns[*index];
                (column.field, column.rank, *index)
            });
        }
        let mut draft = Draft::new();
        for (index, field) in numbered {
            let column = &mut self.columns[index];
            match column.field {
                Some(key) => self.add(key, index, field, &mut draft),
                None if column.is_reported || field.values.is_empty() => {}
                None => {
                    column.is_reported = true;
                    let name = column.name.clone();
                    diagnostics.unused(at, self.unused(&name));
                }
            }
        }
        Some(draft)
    }

    fn unused(&self, name: &str) -> String {
        let known = Key::ALL.into_iter().filter(|key| !self.has(*key)).map(Key::name);
        let known = known.chain(["director"]);
        match nearest(name, known).filter(|_| self.profile.field(name).is_none()) {
            Some(near) => format!("{name:?} is not a known column; did you mean {near:?}?"),
            None => format!("the column {name:?} is not used"),
        }
    }

    fn add(&self, key: Key, index: usize, field: RawField, draft: &mut Draft) {
        let name = &self.columns[index].name;
        let column = (&**name != key.name()).then(|| name.clone());
        if let Some(unreadable) = &field.unreadable {
            draft.problem(key, column.clone(), unreadable, Code::NotAText);
        }
        let mut values = Vec::with_capacity(field.values.len());
        for value in field.values {
            match value {
                Value::Text(text) if is_no_value(&text) => {}
                Value::Text(text) if key.is_list() && key != Key::Link && !field.is_list => {
                    let separators = self.mapping.separators.as_deref();
                    match cells::split(&text, key, separators.or(self.profile.separators)) {
                        Ok(parts) => {
                            for (part, code) in parts {
                                if let Some(code) = code {
                                    draft.problem(key, column.clone(), &text, code);
                                }
                                values.push(Value::Text(part));
                            }
                        }
                        Err(code) => draft.problem(key, column.clone(), &text, code),
                    }
                }
                Value::Text(text) => values.push(Value::Text(self.profile.value(key, text))),
                value => values.push(value),
            }
        }
        if !values.is_empty() || (self.blank_clears && field.unreadable.is_none()) {
            draft.push(key, column, values);
        }
    }
}

impl Filter {
    fn matches(&self, fields: &[RawField]) -> bool {
        let of_column = fields.iter().filter(|field| field.column == self.column);
        let is_value = |value: &Value| matches!(value, Value::Text(text) if text.trim().to_lowercase() == self.value);
        let mut found = of_column.flat_map(|field| &field.values);
        let blank = self.value.is_empty() && found.clone().next().is_none();
        (blank || found.any(is_value)) == self.is_equal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_known_by_a_map_or_by_their_usual_names() {
        let mapping = Mapping::new(&["title=Label".into(), "plot=".into()], None, &[]).unwrap();
        let columns = Columns::new(mapping, Profile::default(), false);
        assert_eq!(columns.field("Label").0, Some(Key::Title));
        assert_eq!(columns.field("Title").0, None, "another column is mapped");
        assert_eq!(columns.field("Release Date").0, Some(Key::Released));
        assert_eq!(columns.field("directed_by").0, Some(Key::Directors));
        assert_eq!(columns.field("overview").0, None, "switched off");
        assert_eq!(columns.field("weather").0, None);
    }

    #[test]
    fn wrong_options_suggest_the_closest() {
        let error = |map: &str, filter: &str| {
            let texts = |text: &str| match text {
                "" => Vec::new(),
                text => vec![text.to_owned()],
            };
            Mapping::new(&texts(map), None, &texts(filter)).unwrap_err().0
        };
        assert!(error("titel=x", "").contains("Did you mean \"title\"?"));
        assert!(error("title", "").contains("FIELD=COLUMN"));
        assert!(error("", "Type").contains("COLUMN=VALUE"));
        let mapping = Mapping::new(&["year=Yaer".into()], None, &[]).unwrap();
        let year = ColumnPlan { name: "Year".into(), field: None };
        let error = mapping.check(&[year]).unwrap_err().0;
        assert!(error.contains("no column \"Yaer\"") && error.contains("\"Year\""), "{error}");
    }
}
