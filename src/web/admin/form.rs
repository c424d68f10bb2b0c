//! Forms as they were sent: values, problems by field, and both for the page that shows the form again.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde::Serialize;

/// Names and values of a form in order, with the problems that were found. A template shows it with
/// the components of `templates/admin/components`, which take it as `form`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Form {
    fields: Vec<(String, String)>,
    problems: Vec<FormProblem>,
}

/// A problem with a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct FormProblem {
    pub(crate) field: String,
    /// An instruction, such as "Enter a year from 1870 to 2199".
    pub(crate) message: String,
}

impl Form {
    /// Parses a body. Lines end with a line feed; other control characters are dropped.
    pub(crate) fn parse(body: &[u8]) -> Self {
        let fields = form_urlencoded::parse(body);
        let fields = fields.map(|(name, value)| (name.into_owned(), clean(&value)));
        Self { fields: fields.collect(), problems: Vec::new() }
    }

    /// Returns a form that shows these values.
    pub(crate) fn of<'a>(fields: impl IntoIterator<Item = (&'a str, String)>) -> Self {
        let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value));
        Self { fields: fields.collect(), problems: Vec::new() }
    }

    /// Returns the last value of that name, or `None` if the form does not have the field.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().rev().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Returns the last value of that name without surrounding white space; empty if it is missing.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default().trim()
    }

    /// Returns every value of that name, in order.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Returns whether a checkbox is ticked.
    pub(crate) fn is_ticked(&self, name: &str) -> bool {
        self.get(name) == Some("yes")
    }

    /// Adds a problem.
    pub(crate) fn problem(&mut self, field: &str, message: impl Display) {
        self.problems.push(FormProblem { field: field.to_owned(), message: message.to_string() });
    }

    pub(crate) fn is_valid(&self) -> bool {
        self.problems.is_empty()
    }

    /// Returns the form without the values of these fields: passwords are not shown again.
    pub(crate) fn without(mut self, names: &[&str]) -> Self {
        self.fields.retain(|(field, _)| !names.contains(&field.as_str()));
        self
    }

    /// Returns the form with these values for the fields that it does not have.
    pub(crate) fn with_defaults<'a>(
        mut self,
        fields: impl IntoIterator<Item = (&'a str, String)>,
    ) -> Self {
        for (name, value) in fields {
            if self.get(name).is_none() {
                self.fields.push((name.to_owned(), value));
            }
        }
        self
    }

    pub(super) fn fields(&self) -> &[(String, String)] {
        &self.fields
    }
}

fn clean(value: &str) -> String {
    let value = value.replace("\r\n", "\n").replace('\r', "\n");
    value.chars().filter(|letter| matches!(letter, '\n' | '\t') || !letter.is_control()).collect()
}

impl Serialize for Form {
    /// Writes what the components read: the last value and all values of each name, the problems in
    /// order, and the problems of each field.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown<'a> {
            values: BTreeMap<&'a str, &'a str>,
            lists: BTreeMap<&'a str, Vec<&'a str>>,
            problems: &'a [FormProblem],
            errors: BTreeMap<&'a str, Vec<&'a str>>,
        }
        let (mut values, mut lists) = (BTreeMap::new(), BTreeMap::<_, Vec<_>>::new());
        for (name, value) in &self.fields {
            values.insert(name.as_str(), value.as_str());
            lists.entry(name.as_str()).or_default().push(value.as_str());
        }
        let mut errors = BTreeMap::<_, Vec<_>>::new();
        for problem in &self.problems {
            errors.entry(problem.field.as_str()).or_default().push(problem.message.as_str());
        }
        Shown { values, lists, problems: &self.problems, errors }.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_keeps_lines_and_everything_typed() {
        let form =
            Form::parse(b"tags=Drama%0D%0A%0D%0A+War+&hold=year&hold=tags&x=%3Cb%3E%00&on=yes");
        assert_eq!(form.get("tags"), Some("Drama\n\n War "));
        assert_eq!(form.all("hold").collect::<Vec<_>>(), ["year", "tags"]);
        assert_eq!((form.text("x"), form.get("y")), ("<b>", None));
        assert!(form.is_ticked("on") && !form.is_ticked("hold"));
    }

    #[test]
    fn problems_are_listed_in_order_and_by_field() {
        let mut form = Form::parse(b"year=x&password=secret").without(&["password"]);
        form.problem("year", "Enter a year");
        form.problem("title", "Enter a title");
        let shown = serde_json::to_value(&form).unwrap();
        assert_eq!(shown["values"], serde_json::json!({ "year": "x" }));
        assert_eq!(shown["errors"]["title"][0], "Enter a title");
        assert_eq!(shown["problems"][0]["field"], "year");
        assert!(!form.is_valid());
    }
}
