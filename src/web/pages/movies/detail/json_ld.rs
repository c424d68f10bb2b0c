//! A film as structured data: <https://schema.org/Movie>.

use serde::Serialize;

use super::Part;
use crate::catalog::movies::CreditedMovie;
use crate::web::http::origin::Origin;
use crate::web::http::url;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Movie {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@type")]
    kind: &'static str,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    alternate_name: Option<String>,
    url: String,
    image: String,
    /// Year or day.
    #[serde(skip_serializing_if = "Option::is_none")]
    date_created: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_published: Option<String>,
    /// ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    director: Vec<Thing>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    actor: Vec<Thing>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    genre: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    country_of_origin: Vec<Thing>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    in_language: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    same_as: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Thing {
    #[serde(rename = "@type")]
    kind: &'static str,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

impl Movie {
    /// `same_as` are its pages in other catalogues.
    pub fn new(
        film: &CreditedMovie,
        cast: &[Part],
        origin: &Origin,
        image: String,
        same_as: Vec<String>,
    ) -> Self {
        let movie = &film.movie;
        let directors = film.directors.iter().map(|credit| {
            Thing::new("Person", &credit.name)
                .at(format!("{origin}{}", url::director(&credit.slug)))
        });
        Self {
            context: "https://schema.org",
            kind: "Movie",
            name: movie.title.clone(),
            alternate_name: movie.original_title.clone(),
            url: format!("{origin}{}", url::movie(&movie.slug)),
            image,
            date_created: movie.year.map(|year| format!("{year:04}")),
            date_published: movie.released_on.map(|day| day.to_string()),
            duration: movie.runtime.map(|minutes| format!("PT{minutes}M")),
            director: directors.collect(),
            actor: cast
                .iter()
                .map(|Part { person, .. }| {
                    Thing::new("Person", &person.text).at(format!("{origin}{}", person.href))
                })
                .collect(),
            genre: film.tags.iter().map(|tag| tag.name.clone()).collect(),
            country_of_origin: movie
                .countries
                .iter()
                .map(|name| Thing::new("Country", name))
                .collect(),
            in_language: movie.languages.clone(),
            description: movie.synopsis.clone(),
            same_as,
        }
    }
}

impl Thing {
    fn new(kind: &'static str, name: &str) -> Self {
        Self { kind, name: name.to_owned(), url: None }
    }

    fn at(self, url: String) -> Self {
        Self { url: Some(url), ..self }
    }
}
