//! Every page that the catalogue has, in parts of bounded size.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::index::Index;
use crate::db::Connection;
use crate::schema::{directors, movie_tags, movies, tags};

/// Slugs in one part, at most: what a site map may hold. A part is a range of ids, so that it is
/// found without counting, and a film stays in its part for ever.
const PART: i32 = 50_000;

#[derive(Debug, Clone, Copy)]
pub enum Kind {
    Movie,
    Director,
    Tag,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Movie, Self::Director, Self::Tag];
}

/// The numbers of the parts that are not empty, ascending.
pub fn parts(index: &Index, kind: Kind) -> Vec<i32> {
    let ids: &mut dyn Iterator<Item = i32> = match kind {
        Kind::Movie => &mut index.ids(),
        Kind::Director => &mut index.director_ids(),
        Kind::Tag => &mut index.tags().map(|(tag, _)| tag.id),
    };
    let parts: BTreeSet<i32> = ids.map(|id| id / PART).collect();
    parts.into_iter().collect()
}

/// The slugs of a part, in order of id.
pub async fn part(conn: &mut Connection, kind: Kind, part: i32) -> QueryResult<Vec<String>> {
    let Some(first) = part.checked_mul(PART) else { return Ok(Vec::new()) };
    let last = first.saturating_add(PART - 1);
    match kind {
        Kind::Movie => {
            let range = movies::table.filter(movies::id.between(first, last));
            range.select(movies::slug).order(movies::id).load(conn).await
        }
        Kind::Director => {
            let range = directors::table.filter(directors::id.between(first, last));
            range.select(directors::slug).order(directors::id).load(conn).await
        }
        Kind::Tag => {
            let range = used_tags().filter(tags::id.between(first, last));
            range.select(tags::slug).order(tags::id).load(conn).await
        }
    }
}

/// Tags without films have no page.
#[diesel::dsl::auto_type]
fn used_tags() -> _ {
    let used = movie_tags::table.filter(movie_tags::tag_id.eq(tags::id));
    tags::table.filter(diesel::dsl::exists(used))
}
