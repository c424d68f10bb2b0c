//! Stored people, and how those of one name are told apart.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Integer, Nullable, Text};
use diesel_async::RunQueryDsl;

use crate::catalog::fold::sort_name;
use crate::catalog::record::PersonName;
use crate::db::Connection;

/// The people that a batch of records may be about.
#[derive(Default)]
pub struct Stored {
    by_imdb: HashMap<String, i32>,
    /// The people of each name, the oldest first, and whether they have an identifier.
    by_name: HashMap<String, Vec<(i32, bool)>>,
    /// Identifiers to store.
    given: Vec<(i32, String)>,
}

impl Stored {
    pub async fn read(conn: &mut Connection, people: &[&PersonName]) -> QueryResult<Self> {
        // A common name has hundreds; an identifier can only be that of one without any.
        let statement = "SELECT id, name, imdb FROM people WHERE imdb = ANY ($1)
            UNION SELECT id, name, imdb FROM people WHERE name = ANY ($2) AND imdb IS NULL
            UNION SELECT id, name, imdb FROM people WHERE name = ANY ($3) ORDER BY id";
        let (identified, named): (Vec<&PersonName>, Vec<&PersonName>) =
            people.iter().copied().partition(|person| person.imdb.is_some());
        let names = |people: &[&PersonName]| -> Vec<String> {
            people.iter().map(|person| person.name.clone()).collect()
        };
        let identifiers: Vec<&str> =
            identified.iter().filter_map(|one| one.imdb.as_deref()).collect();
        let rows: Vec<Row> = sql_query(statement)
            .bind::<Array<Text>, _>(identifiers)
            .bind::<Array<Text>, _>(names(&identified))
            .bind::<Array<Text>, _>(names(&named))
            .load(conn)
            .await?;
        let mut stored = Self::default();
        for Row { id, name, imdb } in rows {
            stored.by_name.entry(name).or_default().push((id, imdb.is_some()));
            stored.by_imdb.extend(imdb.map(|imdb| (imdb, id)));
        }
        Ok(stored)
    }

    /// Finds a person by identifier. A name alone is that of the oldest person of the name; a new
    /// identifier goes to the oldest that has none.
    pub fn find(&mut self, person: &PersonName) -> Option<i32> {
        let of_name = self.by_name.get_mut(&person.name);
        let Some(imdb) = &person.imdb else { return of_name.map(|all| all[0].0) };
        if let Some(id) = self.by_imdb.get(imdb) {
            return Some(*id);
        }
        let (id, has_identifier) =
            of_name?.iter_mut().find(|(_, has_identifier)| !*has_identifier)?;
        *has_identifier = true;
        self.by_imdb.insert(imdb.clone(), *id);
        self.given.push((*id, imdb.clone()));
        Some(*id)
    }

    /// Stores the identifiers that [`Stored::find`] assigned.
    pub async fn write_identifiers(self, conn: &mut Connection) -> QueryResult<()> {
        if self.given.is_empty() {
            return Ok(());
        }
        let (ids, identifiers): (Vec<i32>, Vec<String>) = self.given.into_iter().unzip();
        let statement = "UPDATE people SET imdb = given.imdb
            FROM unnest($1, $2) AS given (id, imdb) WHERE people.id = given.id";
        let statement = sql_query(statement).bind::<Array<Integer>, _>(ids);
        statement.bind::<Array<Text>, _>(identifiers).execute(conn).await?;
        Ok(())
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Integer)]
    id: i32,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    imdb: Option<String>,
}

/// Inserts people under these slugs; returns the slugs and ids of those whose slug was free.
pub async fn insert(
    conn: &mut Connection,
    slugs: &[&str],
    people: &[&PersonName],
) -> QueryResult<Vec<(String, i32)>> {
    let names: Vec<&str> = people.iter().map(|person| person.name.as_str()).collect();
    let sort_names: Vec<String> = names.iter().map(|name| sort_name(name)).collect();
    let identifiers: Vec<Option<&str>> =
        people.iter().map(|person| person.imdb.as_deref()).collect();
    let statement = "INSERT INTO people (slug, name, sort_name, imdb)
        SELECT * FROM unnest($1, $2, $3, $4) ON CONFLICT (slug) DO NOTHING RETURNING slug, id";
    let inserted: Vec<Inserted> = sql_query(statement)
        .bind::<Array<Text>, _>(slugs)
        .bind::<Array<Text>, _>(names)
        .bind::<Array<Text>, _>(sort_names)
        .bind::<Array<Nullable<Text>>, _>(identifiers)
        .load(conn)
        .await?;
    Ok(inserted.into_iter().map(|row| (row.slug, row.id)).collect())
}

#[derive(QueryableByName)]
struct Inserted {
    #[diesel(sql_type = Text)]
    slug: String,
    #[diesel(sql_type = Integer)]
    id: i32,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str, imdb: Option<&str>) -> PersonName {
        PersonName { name: name.to_owned(), imdb: imdb.map(str::to_owned) }
    }

    #[test]
    fn identifiers_distinguish_people_of_one_name() {
        let mut stored = Stored::default();
        stored.by_name.insert("Ann Other".into(), vec![(1, true), (2, false)]);
        stored.by_imdb.insert("nm1".into(), 1);
        assert_eq!(stored.find(&person("Ann Other", Some("nm1"))), Some(1));
        assert_eq!(stored.find(&person("A. Other", Some("nm1"))), Some(1));
        assert_eq!(stored.find(&person("Ann Other", None)), Some(1));
        assert_eq!(stored.find(&person("Ann Other", Some("nm2"))), Some(2));
        assert_eq!(stored.find(&person("Ann Other", Some("nm3"))), None);
        assert_eq!(stored.find(&person("Ann Other", Some("nm2"))), Some(2));
        assert_eq!(stored.given, [(2, "nm2".to_owned())]);
        assert_eq!(stored.find(&person("Bo Third", None)), None);
    }
}
