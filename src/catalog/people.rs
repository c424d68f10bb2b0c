//! People and their queries.

use std::collections::HashMap;

use diesel::deserialize::{self, FromSql};
use diesel::pg::{Pg, PgValue};
use diesel::prelude::*;
use diesel::sql_types::{Integer, Nullable, Record, Text};
use diesel_async::RunQueryDsl;

use super::sources::Source;
use crate::db::Connection;
use crate::schema::{credits, people, sources};

#[derive(Debug, Clone, HasQuery)]
#[diesel(table_name = people)]
pub struct Person {
    pub id: i32,
    pub slug: String,
    pub name: String,
    pub sort_name: String,
    pub born: Option<i16>,
    pub died: Option<i16>,
    pub country: Option<String>,
    pub biography: Option<String>,
    pub biography_source_id: Option<i32>,
    pub biography_url: Option<String>,
    /// IMDb name identifier: `nm0000041`.
    pub imdb: Option<String>,
}

/// A person with the source of the biography.
#[derive(Debug, HasQuery)]
#[diesel(table_name = people, base_query = people::table.left_join(sources::table))]
pub struct PersonDetails {
    #[diesel(embed)]
    pub person: Person,
    #[diesel(embed)]
    pub source: Option<Source>,
}

/// The facts of a person that lists show.
#[derive(Debug, Clone, HasQuery)]
#[diesel(table_name = people)]
pub struct PersonSummary {
    pub id: i32,
    pub slug: String,
    pub name: String,
    pub sort_name: String,
    pub born: Option<i16>,
    pub died: Option<i16>,
    pub country: Option<String>,
}

/// The role of a credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Director,
    Actor,
}

impl Role {
    pub const ALL: [Self; 2] = [Self::Director, Self::Actor];

    /// Returns the name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Director => "director",
            Self::Actor => "actor",
        }
    }

    /// Returns the role with this name in the database.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// The sort order of a list of people. Ties are broken by name and id.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// By family name.
    #[default]
    Name,
    /// By number of movies, descending.
    Movies,
}

/// A person in a movie's credits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credit {
    pub id: i32,
    pub slug: String,
    pub name: String,
}

impl FromSql<Record<(Integer, Text, Text)>, Pg> for Credit {
    fn from_sql(row: PgValue<'_>) -> deserialize::Result<Self> {
        let (id, slug, name) = FromSql::<Record<(Integer, Text, Text)>, Pg>::from_sql(row)?;
        Ok(Self { id, slug, name })
    }
}

/// An actor in a movie's credits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CastMember {
    pub person: Credit,
    /// The name of the part.
    pub character: Option<String>,
}

/// SQL type of a [`CastMember`].
pub type CastRecord = Record<(Integer, Text, Text, Nullable<Text>)>;

impl FromSql<CastRecord, Pg> for CastMember {
    fn from_sql(row: PgValue<'_>) -> deserialize::Result<Self> {
        let (id, slug, name, character) = FromSql::<CastRecord, Pg>::from_sql(row)?;
        Ok(Self { person: Credit { id, slug, name }, character })
    }
}

/// Loads the people with these ids, in no particular order.
pub async fn with_ids(conn: &mut Connection, ids: &[i32]) -> QueryResult<Vec<PersonSummary>> {
    PersonSummary::query().filter(people::id.eq_any(ids)).load(conn).await
}

/// Loads the person with this slug.
pub async fn find(conn: &mut Connection, slug: &str) -> QueryResult<Option<Person>> {
    Person::query().filter(people::slug.eq(slug)).first(conn).await.optional()
}

/// Loads the person with this id.
pub async fn with_id(conn: &mut Connection, id: i32) -> QueryResult<Option<Person>> {
    Person::query().filter(people::id.eq(id)).first(conn).await.optional()
}

/// Loads the person with this slug and the source of the biography.
pub async fn details(conn: &mut Connection, slug: &str) -> QueryResult<Option<PersonDetails>> {
    PersonDetails::query().filter(people::slug.eq(slug)).first(conn).await.optional()
}

/// Loads the characters that a person plays, by id of the movie.
pub async fn characters(conn: &mut Connection, id: i32) -> QueryResult<HashMap<i32, String>> {
    let named = credits::table
        .filter(credits::person_id.eq(id).and(credits::role.eq(Role::Actor.name())))
        .filter(credits::character.is_not_null())
        .select((credits::movie_id, credits::character.assume_not_null()));
    Ok(named.load::<(i32, String)>(conn).await?.into_iter().collect())
}
