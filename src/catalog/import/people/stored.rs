//! Directors as they are stored, and how one is told from others of the same name.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Integer, Nullable, Text};
use diesel_async::RunQueryDsl;

use super::Person;
use crate::catalog::fold::sort_name;
use crate::catalog::import::slugs::Inserted;
use crate::db::Connection;

/// Those who may be meant by a batch of records.
#[derive(Default)]
pub struct Stored {
    by_imdb: HashMap<String, i32>,
    /// Those of each name, one or more, the first of them first, and whether they have a number.
    by_name: HashMap<String, Vec<(i32, bool)>>,
    /// Numbers that are theirs from now on.
    given: Vec<(i32, String)>,
}

impl Stored {
    pub async fn read(conn: &mut Connection, people: &[&Person]) -> QueryResult<Self> {
        // A common name has hundreds, of whom only one without a number can be meant by a number.
        let statement = "SELECT id, name, imdb FROM directors WHERE imdb = ANY ($1)
            UNION SELECT id, name, imdb FROM directors WHERE name = ANY ($2) AND imdb IS NULL
            UNION SELECT id, name, imdb FROM directors WHERE name = ANY ($3) ORDER BY id";
        let (numbered, named): (Vec<&Person>, Vec<&Person>) =
            people.iter().copied().partition(|person| person.imdb.is_some());
        let names = |people: &[&Person]| -> Vec<String> {
            people.iter().map(|person| person.name.clone()).collect()
        };
        let numbers: Vec<&str> = numbered.iter().filter_map(|one| one.imdb.as_deref()).collect();
        let rows: Vec<Row> = sql_query(statement)
            .bind::<Array<Text>, _>(numbers)
            .bind::<Array<Text>, _>(names(&numbered))
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

    /// A number decides. A name alone means the first of that name; a number that nobody has yet goes
    /// to the first of the name who has none.
    pub fn find(&mut self, person: &Person) -> Option<i32> {
        let of_name = self.by_name.get_mut(&person.name);
        let Some(imdb) = &person.imdb else { return of_name.map(|all| all[0].0) };
        if let Some(id) = self.by_imdb.get(imdb) {
            return Some(*id);
        }
        let (id, has_number) = of_name?.iter_mut().find(|(_, has_number)| !*has_number)?;
        *has_number = true;
        self.by_imdb.insert(imdb.clone(), *id);
        self.given.push((*id, imdb.clone()));
        Some(*id)
    }

    /// Stores the numbers that [`Stored::find`] gave.
    pub async fn write_numbers(self, conn: &mut Connection) -> QueryResult<()> {
        if self.given.is_empty() {
            return Ok(());
        }
        let (ids, numbers): (Vec<i32>, Vec<String>) = self.given.into_iter().unzip();
        let statement = "UPDATE directors SET imdb = given.imdb
            FROM unnest($1, $2) AS given (id, imdb) WHERE directors.id = given.id";
        let statement = sql_query(statement).bind::<Array<Integer>, _>(ids);
        statement.bind::<Array<Text>, _>(numbers).execute(conn).await?;
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

/// Returns those whose address was free.
pub async fn insert(
    conn: &mut Connection,
    slugs: &[&str],
    people: &[&Person],
) -> QueryResult<Vec<Inserted>> {
    let names: Vec<&str> = people.iter().map(|person| person.name.as_str()).collect();
    let sort_names: Vec<String> = names.iter().map(|name| sort_name(name)).collect();
    let numbers: Vec<Option<&str>> = people.iter().map(|person| person.imdb.as_deref()).collect();
    let statement = "INSERT INTO directors (slug, name, sort_name, imdb)
        SELECT * FROM unnest($1, $2, $3, $4) ON CONFLICT (slug) DO NOTHING RETURNING slug, id";
    sql_query(statement)
        .bind::<Array<Text>, _>(slugs)
        .bind::<Array<Text>, _>(names)
        .bind::<Array<Text>, _>(sort_names)
        .bind::<Array<Nullable<Text>>, _>(numbers)
        .load(conn)
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str, imdb: Option<&str>) -> Person {
        Person { name: name.to_owned(), imdb: imdb.map(str::to_owned) }
    }

    #[test]
    fn a_number_tells_two_of_one_name_apart() {
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
