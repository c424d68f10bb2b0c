//! The options of a form field.

use serde::Serialize;

use crate::catalog::sort::Sort;
use crate::web::visitor::{PAGE_SIZES, View};

/// An option by its value; the template `components/option_text.html` has its words.
#[derive(Debug, Serialize)]
pub struct Choice {
    pub value: String,
    pub selected: bool,
}

impl Choice {
    pub fn new(value: impl Into<String>, selected: bool) -> Self {
        Self { value: value.into(), selected }
    }
}

pub fn sizes(selected: u32) -> Vec<Choice> {
    PAGE_SIZES.into_iter().map(|size| Choice::new(size.to_string(), size == selected)).collect()
}

/// Lists sort orders. [`Sort::Relevance`] cannot be chosen and selects none.
pub fn sorts(sorts: impl IntoIterator<Item = Sort>, selected: Sort) -> Vec<Choice> {
    sorts.into_iter().map(|sort| Choice::new(sort.name(), sort == selected)).collect()
}

pub fn views(selected: View) -> Vec<Choice> {
    View::ALL.into_iter().map(|view| Choice::new(view.as_str(), view == selected)).collect()
}
