//! The slugs of all pages of the catalog, in parts of bounded size, for site maps.

use std::collections::BTreeSet;

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::index::Index;
use super::people::Role;
use crate::db::Connection;
use crate::schema::{credits, movie_tags, movies, people, tags};

/// Maximum number of slugs in a part, which is the limit of the sitemap protocol. A part is a range
/// of ids: finding it needs no counting, and a movie never changes its part.
const PART_SIZE: i32 = 50_000;

/// The kind of a page.
#[derive(Debug, Clone, Copy)]
pub enum PageKind {
    Movie,
    /// A person whose page the role names.
    Person(Role),
    Tag,
}

impl PageKind {
    pub const ALL: [Self; 4] =
        [Self::Movie, Self::Person(Role::Director), Self::Person(Role::Actor), Self::Tag];
}

/// Returns the numbers of the parts that are not empty, ascending.
pub fn parts(index: &Index, kind: PageKind) -> Vec<i32> {
    let ids: &mut dyn Iterator<Item = i32> = match kind {
        PageKind::Movie => &mut index.ids(),
        PageKind::Person(role) => &mut index.person_ids(role),
        PageKind::Tag => &mut index.tag_ids(),
    };
    let parts: BTreeSet<i32> = ids.map(|id| id / PART_SIZE).collect();
    parts.into_iter().collect()
}

/// Loads the slugs of a part, in order of id.
pub async fn part(conn: &mut Connection, kind: PageKind, part: i32) -> QueryResult<Vec<String>> {
    let Some(first) = part.checked_mul(PART_SIZE) else { return Ok(Vec::new()) };
    let last = first.saturating_add(PART_SIZE - 1);
    match kind {
        PageKind::Movie => {
            let range = movies::table.filter(movies::id.between(first, last));
            range.select(movies::slug).order(movies::id).load(conn).await
        }
        PageKind::Person(role) => {
            let range = people::table.filter(people::id.between(first, last)).order(people::id);
            let slugs = range.select(people::slug);
            let credited = credits::table.filter(credits::person_id.eq(people::id));
            let directed = exists(credited.filter(credits::role.eq(Role::Director.name())));
            match role {
                Role::Director => slugs.filter(directed.or(not(exists(credited)))).load(conn).await,
                Role::Actor => {
                    slugs.filter(not(directed)).filter(exists(credited)).load(conn).await
                }
            }
        }
        PageKind::Tag => {
            let range = used_tags().filter(tags::id.between(first, last));
            range.select(tags::slug).order(tags::id).load(conn).await
        }
    }
}

/// Selects tags with movies; others have no page.
#[diesel::dsl::auto_type]
fn used_tags() -> _ {
    let used = movie_tags::table.filter(movie_tags::tag_id.eq(tags::id));
    tags::table.filter(exists(used))
}
