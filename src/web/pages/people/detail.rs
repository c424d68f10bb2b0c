//! A person's page.

mod filmography;
mod timeline;

use actix_web::HttpResponse;
use serde::Serialize;

use self::filmography::Filmography;
use crate::catalog::editing::Kind;
use crate::catalog::people::{self, Person, PersonDetails, Role};
use crate::catalog::read_pool::ReadPool;
use crate::web::components::hidden_movies::Hidden;
use crate::web::components::person::{Life, with_names};
use crate::web::components::tag_link::TagLink;
use crate::web::components::text_source::TextSource;
use crate::web::error::{Error, Result};
use crate::web::http::query::Parameter;
use crate::web::http::url::{self, Slug};
use crate::web::movie_query::parameters::SEEN;
use crate::web::pages::moved;
use crate::web::render::page::Page;
use crate::web::render::page_context::PageContext;
use crate::web::render::renderer::{CachedPage, PageRequest};

/// Minimum number of films that people appear in together often.
const MIN_TOGETHER: usize = 3;

/// Maximum number of actors who often appear with the person.
const MAX_TOGETHER: usize = 8;

#[derive(Serialize)]
struct DetailPage {
    /// The list that the person is in.
    list: &'static str,
    name: String,
    life: Life,
    biography: Option<String>,
    source: Option<TextSource>,
    /// One for each role, directed films first.
    filmographies: Vec<Filmography>,
    /// Actors who often appear with the person, with the number of common films.
    together: Vec<TagLink>,
    hidden: Option<Hidden>,
    url: String,
}

impl Page for DetailPage {
    const TEMPLATE: &'static str = "people/detail.html";
}

pub async fn director(slug: Slug, page: PageRequest) -> Result<HttpResponse> {
    page.respond_cached::<DetailPage>((Role::Director, slug)).await
}

pub async fn actor(slug: Slug, page: PageRequest) -> Result<HttpResponse> {
    page.respond_cached::<DetailPage>((Role::Actor, slug)).await
}

impl CachedPage for DetailPage {
    type Arguments = (Role, Slug);
    const PARAMETERS: &'static [&'static [Parameter]] = &[&[SEEN]];

    /// # Errors
    /// [`Error::Moved`] if the page of the person is that of the other role.
    async fn build(
        context: &PageContext,
        reads: &ReadPool,
        (role, slug): (Role, Slug),
    ) -> Result<Self> {
        let PageContext { index, origin, .. } = context;
        let conn = &mut reads.get().await?;
        let Some(found) = people::details(conn, &slug.0).await? else {
            let url = |id, slug: &str| url::person(index.page_role(id), slug);
            return Err(moved::error(conn, Kind::Person, &slug.0, url).await);
        };
        let PersonDetails { person, source } = found;
        if index.page_role(person.id) != role {
            return Err(Error::Moved(url::person(index.page_role(person.id), &person.slug)));
        }
        let hidden = context.hidden.ids();
        let mut filmographies = Vec::new();
        for role in Role::ALL {
            if index.is_listed(role, person.id) {
                filmographies.push(Filmography::load(conn, index, role, &person, hidden).await?);
            }
        }
        let together = index.acts_with(person.id, MIN_TOGETHER, MAX_TOGETHER);
        let together = match together.is_empty() {
            true => Vec::new(),
            false => with_names(conn, together).await?,
        };
        let together = together.into_iter().map(|(other, found)| {
            let films = i64::try_from(found.movies).unwrap_or(i64::MAX);
            TagLink::new(url::person(found.role, &other.slug), other.name, films)
        });
        let hidden = Hidden::new(context, index.credited_in(person.id, hidden));
        let Person { slug, name, born, died, country, biography, biography_url, .. } = person;
        Ok(Self {
            list: role.name(),
            life: Life { born, died, country },
            source: source.map(|source| TextSource::new(source, biography_url)),
            filmographies,
            together: together.collect(),
            hidden,
            url: format!("{origin}{}", url::person(role, &slug)),
            name,
            biography,
        })
    }
}
