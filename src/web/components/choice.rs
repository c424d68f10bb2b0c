//! The choices of a form field.

use serde::Serialize;

use crate::catalog::movies::Sort;
use crate::web::visitor::{self, PAGE_SIZES, View};

#[derive(Serialize)]
pub struct Choice {
    pub value: String,
    pub text: String,
    pub selected: bool,
}

impl Choice {
    pub fn new(value: &str, text: &str, selected: bool) -> Self {
        Self { value: value.to_owned(), text: text.to_owned(), selected }
    }
}

pub fn sizes(selected: u32) -> Vec<Choice> {
    let choice = |size: u32| Choice {
        value: size.to_string(),
        text: size.to_string(),
        selected: size == selected,
    };
    PAGE_SIZES.into_iter().map(choice).collect()
}

pub fn sorts(selected: Sort) -> Vec<Choice> {
    let text = |sort| match sort {
        Sort::Newest | Sort::Relevance => "Newest first",
        Sort::Oldest => "Oldest first",
        Sort::Title => "Title",
        Sort::Shortest => "Shortest first",
        Sort::Longest => "Longest first",
    };
    let choice = |(name, sort): (&str, Sort)| Choice {
        value: name.to_owned(),
        text: text(sort).to_owned(),
        selected: sort == selected,
    };
    visitor::SORTS.into_iter().map(choice).collect()
}

pub fn views(selected: View) -> Vec<Choice> {
    let text = |view| match view {
        View::Posters => "Posters",
        View::Table => "Table",
    };
    let choice = |view: View| Choice::new(view.as_str(), text(view), view == selected);
    View::ALL.into_iter().map(choice).collect()
}
