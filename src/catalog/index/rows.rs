//! What the index reads from the tables.

use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Text;
use roaring::RoaringBitmap;

use super::gathered::Gathered;
use super::{Country, Document};
use crate::catalog::fold::slug;
use crate::catalog::search::Builder;
use crate::schema::{directors, movies};

#[derive(HasQuery)]
#[diesel(table_name = movies)]
pub(super) struct Film {
    pub id: i32,
    title: String,
    original_title: Option<String>,
    year: Option<i16>,
    runtime: Option<i16>,
    #[diesel(select_expression = movies::synopsis.is_not_null())]
    is_told: bool,
    countries: Vec<String>,
    languages: Vec<String>,
}

#[derive(HasQuery)]
#[diesel(table_name = directors)]
pub(super) struct Director {
    pub id: i32,
    pub name: String,
    #[diesel(select_expression = sql("left(sort_name, 1)"))]
    #[diesel(select_expression_type = SqlLiteral<Text>)]
    initial: String,
    #[diesel(select_expression = directors::biography.is_not_null())]
    pub is_told: bool,
}

impl Director {
    /// The first letter of the sort name, unless it has none.
    pub fn initial(&self) -> Option<char> {
        self.initial.chars().next()
    }
}

/// What stands in films' rows, column by column.
#[derive(Default)]
pub(super) struct Films {
    pub ids: Vec<i32>,
    pub years: Vec<Option<i16>>,
    pub runtimes: Vec<Option<i16>>,
    pub told: RoaringBitmap,
    pub countries: Gathered<Country>,
    pub languages: Gathered<String>,
}

impl Films {
    /// Films come in order of title.
    pub fn add(&mut self, document: Document, film: Film, words: &mut Builder) {
        words.film(&film.title, film.original_title.as_deref());
        self.ids.push(film.id);
        self.years.push(film.year);
        self.runtimes.push(film.runtime);
        if film.is_told {
            self.told.insert(document);
        }
        for name in film.countries {
            let country = |name: &str| Country { slug: slug(name, None), name: name.to_owned() };
            self.countries.add(document, name, country, |country| &country.slug);
        }
        for code in film.languages {
            self.languages.add(document, code, str::to_owned, |code| code);
        }
    }
}
