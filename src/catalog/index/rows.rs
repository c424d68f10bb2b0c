//! The rows that the index is built from.

use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Text;
use roaring::RoaringBitmap;

use super::{Document, ValuesBuilder};
use crate::catalog::dimension;
use crate::catalog::search::Builder;
use crate::schema::{movies, people};

#[derive(HasQuery)]
#[diesel(table_name = movies)]
pub(super) struct MovieRow {
    pub id: i32,
    title: String,
    original_title: Option<String>,
    year: Option<i16>,
    runtime: Option<i16>,
    #[diesel(select_expression = movies::synopsis.is_not_null())]
    has_synopsis: bool,
    countries: Vec<String>,
    languages: Vec<String>,
}

#[derive(HasQuery)]
#[diesel(table_name = people)]
pub(super) struct PersonRow {
    pub id: i32,
    pub name: String,
    #[diesel(select_expression = sql("left(sort_name, 1)"))]
    #[diesel(select_expression_type = SqlLiteral<Text>)]
    initial: String,
    #[diesel(select_expression = people::biography.is_not_null())]
    pub has_biography: bool,
}

impl PersonRow {
    /// Returns the first letter of the sort name, if it has one.
    pub fn initial(&self) -> Option<char> {
        self.initial.chars().next()
    }
}

/// The facts of all movies, column by column.
#[derive(Default)]
pub(super) struct MovieColumns {
    pub ids: Vec<i32>,
    pub years: Vec<Option<i16>>,
    pub runtimes: Vec<Option<i16>>,
    pub has_synopsis: RoaringBitmap,
    pub countries: ValuesBuilder,
    pub languages: ValuesBuilder,
}

impl MovieColumns {
    /// Adds a movie and its names. Movies must be added in order of title.
    pub fn add(&mut self, document: Document, movie: MovieRow, words: &mut Builder) {
        words.movie(&movie.title, movie.original_title.as_deref());
        self.ids.push(movie.id);
        self.years.push(movie.year);
        self.runtimes.push(movie.runtime);
        if movie.has_synopsis {
            self.has_synopsis.insert(document);
        }
        for name in movie.countries {
            self.countries.add(document, name, dimension::country);
        }
        for code in movie.languages {
            self.languages.add(document, code, dimension::language);
        }
    }
}
