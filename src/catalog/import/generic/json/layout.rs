//! Where the films of a JSON document are, found in its first bytes.

use std::collections::{BTreeMap, BTreeSet};

use struson::reader::{JsonReader, JsonStreamReader, ReaderError, ValueType};

use super::super::super::mapping::Columns;
use super::super::super::profile::Profile;
use super::super::super::source::ReadOptions;
use crate::catalog::record::Key;

/// A step from a value to one inside it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Element,
    Member(String),
}

/// The way from the top of a document to its records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordPath {
    /// Empty, or ending in the elements of a list.
    pub steps: Vec<Step>,
    /// From a record to the object with the title, as `movie.` in `{"movie": {"title": …}}`.
    pub inner: String,
}

/// The keys of every object, by its path.
#[derive(Default)]
pub struct Layout {
    objects: BTreeMap<Vec<Step>, BTreeSet<String>>,
}

/// Objects and keys that a message names.
const MAX_DESCRIBED: usize = 20;

impl Layout {
    /// Reads the structure of a document as far as its first bytes go.
    pub fn of(head: &[u8]) -> Self {
        let mut layout = Self::default();
        let mut reader = super::reader(head);
        // The head ends within a value.
        _ = layout.read(&mut reader);
        layout
    }

    fn read(&mut self, reader: &mut JsonStreamReader<&[u8]>) -> Result<(), ReaderError> {
        let mut path: Vec<Step> = Vec::new();
        let mut started = false;
        loop {
            if started && !reader.has_next()? {
                match path.pop() {
                    None => return Ok(()),
                    Some(Step::Element) => reader.end_array()?,
                    Some(Step::Member(_)) => reader.end_object()?,
                }
                continue;
            }
            started = true;
            if let Some(Step::Member(name)) = path.last_mut() {
                *name = reader.next_name_owned()?;
                let name = name.clone();
                let object = path[..path.len() - 1].to_vec();
                self.objects.entry(object).or_default().insert(name);
            }
            match reader.peek()? {
                ValueType::Array => {
                    reader.begin_array()?;
                    path.push(Step::Element);
                }
                ValueType::Object => {
                    reader.begin_object()?;
                    self.objects.entry(path.clone()).or_default();
                    path.push(Step::Member(String::new()));
                }
                _ => reader.skip_value()?,
            }
        }
    }

    /// Returns the path to the objects that have a title and most other fields of a film, the outermost
    /// of several.
    pub fn path(&self, options: &ReadOptions) -> Option<RecordPath> {
        let mut best: Option<(usize, &Vec<Step>)> = None;
        for path in self.objects.keys() {
            let Some(score) = self.score(path, options) else { continue };
            let is_better = best.is_none_or(|(best_score, best_path)| {
                score > best_score || (score == best_score && path.len() < best_path.len())
            });
            if is_better {
                best = Some((score, path));
            }
        }
        let (_, path) = best?;
        let end = path.iter().rposition(|step| *step == Step::Element).map_or(0, |last| last + 1);
        let inner = path[end..].iter().filter_map(|step| match step {
            Step::Member(name) => Some(format!("{name}.")),
            Step::Element => None,
        });
        Some(RecordPath { steps: path[..end].to_vec(), inner: inner.collect() })
    }

    /// The number of fields that the keys mean, if a title is among them.
    fn score(&self, path: &[Step], options: &ReadOptions) -> Option<usize> {
        let keys = self.keys(path);
        let texts: Vec<&str> = keys.iter().map(String::as_str).collect();
        let profile = Profile::detect(&texts, &options.title_types);
        let columns = Columns::new(options.mapping.clone(), profile, false);
        let fields = keys.iter().filter_map(|key| columns.field_of(key));
        let fields: BTreeSet<Key> = fields.filter(|key| !key.is_incidental()).collect();
        let is_person = path.is_empty() && self.is_own();
        (fields.contains(&Key::Title) || is_person).then_some(fields.len())
    }

    /// The keys of an object and of the objects in it, as paths with dots.
    fn keys(&self, path: &[Step]) -> BTreeSet<String> {
        let mut keys = BTreeSet::new();
        for (other, names) in &self.objects {
            let Some(inside) = other.strip_prefix(path) else { continue };
            let members: Option<Vec<&str>> = inside
                .iter()
                .map(|step| match step {
                    Step::Member(name) => Some(name.as_str()),
                    Step::Element => None,
                })
                .collect();
            let Some(members) = members else { continue };
            let prefix: String = members.iter().map(|name| format!("{name}.")).collect();
            keys.extend(names.iter().map(|name| format!("{prefix}{name}")));
        }
        keys
    }

    /// Returns the profile of the records at a path.
    pub fn profile(&self, path: &RecordPath, options: &ReadOptions) -> Profile {
        let keys = self.keys(&path.steps);
        let keys: Vec<&str> =
            keys.iter().map(|key| key.strip_prefix(&path.inner).unwrap_or(key)).collect();
        Profile::detect(&keys, &options.title_types)
    }

    /// Whether this is Marquee's own form: objects one after the other, with keys of records alone.
    pub fn is_own(&self) -> bool {
        let Some(keys) = self.objects.get(&Vec::new()).filter(|keys| !keys.is_empty()) else {
            return false;
        };
        let is_own = |key: &String| key == "director" || Key::from_name(key).is_some();
        let own = keys.iter().filter(|key| is_own(key)).count();
        // A misspelt key does not make it another form.
        own + 1 >= keys.len() && own > 0 && (keys.contains("title") || keys.contains("director"))
    }

    /// Returns the objects with their keys, for messages.
    pub fn describe(&self) -> String {
        let mut described: Vec<String> = Vec::new();
        for (path, keys) in &self.objects {
            let mut prefix = String::new();
            for step in path {
                match step {
                    Step::Element => prefix.push_str("[]"),
                    Step::Member(name) => {
                        if !prefix.is_empty() {
                            prefix.push('.');
                        }
                        prefix.push_str(name);
                    }
                }
            }
            let dot = if prefix.is_empty() { "" } else { "." };
            described.extend(keys.iter().map(|key| format!("{prefix}{dot}{key}")));
        }
        if described.is_empty() {
            return "no object".to_owned();
        }
        let more = described.len() > MAX_DESCRIBED;
        described.truncate(MAX_DESCRIBED);
        if more {
            described.push("…".to_owned());
        }
        described.join(", ")
    }
}
