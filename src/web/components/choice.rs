//! The options of a form field.

use serde::Serialize;

use crate::catalog::movies::Sort;
use crate::web::visitor::{self, PAGE_SIZES, View};

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

/// Lists the orders of a film list. [`Sort::Relevance`] cannot be chosen and selects none.
pub fn sorts(selected: Sort) -> Vec<Choice> {
    let choice = |sort| Choice::new(visitor::sort_name(sort), sort == selected);
    visitor::SORTS.into_iter().map(choice).collect()
}

pub fn views(selected: View) -> Vec<Choice> {
    View::ALL.into_iter().map(|view| Choice::new(view.as_str(), view == selected)).collect()
}
