//! The lists of directors and actors, and in `detail` a person's page.

pub mod detail;

use actix_web::HttpResponse;
use serde::Serialize;

use crate::catalog::people::{Role, Sort};
use crate::catalog::read_pool::ReadPool;
use crate::web::components::choice::{Choice, sizes};
use crate::web::components::pagination::Pagination;
use crate::web::components::person::{Person, with_names};
use crate::web::error::Result;
use crate::web::http::query::Parameter;
use crate::web::movie_query::parameters::{PAGE, PER_PAGE};
use crate::web::movie_query::search::by_names;
use crate::web::movie_query::view::effective_preferences;
use crate::web::render::page::Page;
use crate::web::render::page_context::PageContext;
use crate::web::render::renderer::{CachedPage, PageRequest};

#[derive(Serialize)]
struct ListPage {
    role: &'static str,
    /// The text that names must contain.
    name: Option<String>,
    initials: Vec<Initial>,
    letter: Option<String>,
    sorts: Vec<Choice>,
    sizes: Vec<Choice>,
    people: Vec<Person>,
    pagination: Pagination,
}

#[derive(Serialize)]
struct Initial {
    href: String,
    text: String,
    current: bool,
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "people/list.html";
}

pub async fn directors(page: PageRequest) -> Result<HttpResponse> {
    page.respond_cached::<ListPage>(Role::Director).await
}

pub async fn actors(page: PageRequest) -> Result<HttpResponse> {
    page.respond_cached::<ListPage>(Role::Actor).await
}

const PARAMETERS: [Parameter; 5] = [
    Parameter::one("name", |text| Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
    Parameter::one("letter", initial),
    Parameter::one("sort", |text| (text == "films").then(|| text.to_owned())),
    PER_PAGE,
    PAGE,
];

impl CachedPage for ListPage {
    type Arguments = Role;
    const PARAMETERS: &'static [&'static [Parameter]] = &[&PARAMETERS];

    async fn build(context: &PageContext, reads: &ReadPool, role: Role) -> Result<Self> {
        let PageContext { index, path, query, .. } = context;
        let letter = query.get("letter");
        let letter = letter.and_then(|letter| index.initials(role).find(|known| *known == letter));
        let sort = if query.get("sort").is_some() { Sort::Movies } else { Sort::Name };
        let per_page = effective_preferences(query, context.preferences).per_page;
        let name = query.get("name");
        let named = match name {
            Some(name) => Some(by_names(index, name).await?.people),
            None => None,
        };
        let list = index.people(role, letter, named.as_deref(), sort);
        let total = list.total();
        let pagination = Pagination::new(path, query, per_page, total)?;
        let conn = &mut reads.get().await?;
        let people = with_names(conn, list.page(pagination.places())).await?;
        let rest = query.without(&["page", "letter"]);
        let link = |initial: &str| Initial {
            href: rest.clone().with("letter", initial).at(path),
            text: initial.to_uppercase(),
            current: letter == Some(initial),
        };
        Ok(Self {
            role: role.name(),
            name: name.map(str::to_owned),
            initials: index.initials(role).map(link).collect(),
            letter: letter.map(str::to_owned),
            sorts: vec![
                Choice::new("name", sort == Sort::Name),
                Choice::new("films", sort == Sort::Movies),
            ],
            sizes: sizes(per_page),
            people: Person::list(people, sort == Sort::Name),
            pagination,
        })
    }
}

/// Accepts a letter in either case. Its lower case may have two characters.
fn initial(text: &str) -> Option<String> {
    (text.chars().count() == 1).then(|| text.to_lowercase())
}
