//! An index that was brought up to date by what changed is the one that is loaded whole.

use marquee::catalog::index::{Index, delta, load};
use marquee::db::Connection;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use crate::support::{connect, execute, fresh_database};

/// Edits of one kind or another, on rows by chance; few words, so that they meet again.
struct Editor(SmallRng);

const WORDS: [&str; 12] =
    ["Ran", "The", "Wall-E", "Éclair", "L'Amour", "七人", "Zoo", "of", "42", "Żubr", "a", "Naïve"];

impl Editor {
    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.0.random_range(0..of.len())]
    }

    fn name(&mut self) -> String {
        let count = self.0.random_range(1..4);
        let mut words: Vec<String> = (0..count).map(|_| self.one(&WORDS).to_owned()).collect();
        if self.0.random_range(0..4) == 0 {
            words.push(format!("new{}", self.0.random_range(0..500)));
        }
        words.join(" ").replace('\'', "''")
    }

    fn number(&mut self, least: i16, most: i16) -> String {
        match self.0.random_range(0..6) {
            0 => "NULL".to_owned(),
            _ => self.0.random_range(least..most).to_string(),
        }
    }

    /// An array of up to two of these.
    fn some(&mut self, of: &[&str]) -> String {
        let count = self.0.random_range(0..3);
        let some: Vec<&str> = (0..count).map(|_| self.one(of)).collect();
        format!("'{{{}}}'", some.join(","))
    }

    fn countries(&mut self) -> String {
        self.some(&["Japan", "USA", "U S A", "usa", "u.s.a", "Perú", "Peru", "Chad", "***"])
    }

    fn languages(&mut self) -> String {
        self.some(&["ja", "jpn", "en", "eng", "qx", "fr"])
    }

    /// A row by chance of a table, or one that many edits meet.
    fn row(&mut self, table: &str) -> String {
        let order = self.one(&["random()", "random()", "id", "id DESC"]);
        format!("(SELECT id FROM {table} ORDER BY {order} LIMIT 1)")
    }

    fn film(&mut self) -> String {
        let (title, original) = (self.name(), self.name());
        let (year, runtime) = (self.number(1900, 1990), self.number(1, 200));
        let (countries, languages) = (self.countries(), self.languages());
        format!(
            "INSERT INTO movies (slug, title, original_title, sort_title, year, runtime, countries, \
             languages) VALUES (gen_random_uuid(), '{title}', nullif('{original}', '{title}'), \
             lower('{title}'), {year}, {runtime}, {countries}, {languages})"
        )
    }

    fn edit(&mut self) -> String {
        let (film, person, tag) = (self.row("movies"), self.row("people"), self.row("tags"));
        let name = self.name();
        match self.0.random_range(0..24) {
            0..3 => self.film(),
            3..5 => format!("DELETE FROM movies WHERE id = {film}"),
            5 | 6 => format!(
                "UPDATE movies SET title = '{name}', sort_title = lower('{name}') WHERE id = {film}"
            ),
            7 => format!("UPDATE movies SET sort_title = 'zz' WHERE id = {film}"),
            8 => {
                let (year, runtime) = (self.number(1900, 1990), self.number(1, 200));
                format!("UPDATE movies SET year = {year}, runtime = {runtime} WHERE id = {film}")
            }
            9 => format!("UPDATE movies SET countries = {} WHERE id = {film}", self.countries()),
            10 => format!("UPDATE movies SET languages = {} WHERE id = {film}", self.languages()),
            11 => format!(
                "UPDATE movies SET synopsis = 'Told.', synopsis_source_id = \
                 (SELECT min(id) FROM sources) WHERE id = {film}"
            ),
            12 => format!(
                "UPDATE movies SET synopsis = NULL, synopsis_source_id = NULL WHERE id = {film}"
            ),
            13 => format!(
                "INSERT INTO movie_tags SELECT m, t, (SELECT coalesce(max(position) + 1, 0) \
                 FROM movie_tags WHERE movie_id = m) FROM (SELECT {film} AS m, {tag} AS t) AS new \
                 WHERE m IS NOT NULL AND t IS NOT NULL ON CONFLICT DO NOTHING"
            ),
            14 => format!("DELETE FROM movie_tags WHERE tag_id = {tag} AND movie_id % 3 = 0"),
            15 => format!(
                "INSERT INTO tags (slug, name) VALUES ('t' || {n} % 40, 'Tag {name} {n}') \
                 ON CONFLICT DO NOTHING",
                n = self.0.random_range(0..10_000)
            ),
            16 => format!(
                "UPDATE tags SET name = '{name} ' || id, slug = left(md5('{name}'), 3) || id \
                 WHERE id = {tag}"
            ),
            17 => format!("DELETE FROM tags WHERE id = {tag}"),
            18 | 19 => format!(
                "INSERT INTO credits SELECT m, p, (SELECT coalesce(max(position) + 1, 0) \
                 FROM credits WHERE movie_id = m), '{}' FROM (SELECT {film} AS m, {person} AS p) AS new \
                 WHERE m IS NOT NULL AND p IS NOT NULL ON CONFLICT DO NOTHING",
                self.one(&["director", "actor"])
            ),
            20 => format!("DELETE FROM credits WHERE movie_id = {film}"),
            21 => format!(
                "INSERT INTO people (slug, name, sort_name) \
                 VALUES (gen_random_uuid(), '{name}', lower('{name}'))"
            ),
            22 => format!(
                "UPDATE people SET name = '{name}', sort_name = {}, biography = 'Born.', \
                 biography_source_id = (SELECT min(id) FROM sources) WHERE id = {person}",
                self.one(&["lower(name)", "sort_name", "''"])
            ),
            _ => format!(
                "DELETE FROM people WHERE id = {person} AND NOT EXISTS \
                 (SELECT FROM credits WHERE person_id = people.id)"
            ),
        }
    }
}

async fn whole(conn: &mut Connection) -> Index {
    load(conn).await.unwrap()
}

async fn filled(films: u16) -> (String, Editor) {
    let database = fresh_database().await;
    let conn = &mut connect(&database).await;
    execute(conn, "INSERT INTO sources (name, licence) VALUES ('the test', 'none')").await;
    let mut editor = Editor(SmallRng::seed_from_u64(1895));
    execute(conn, "BEGIN").await;
    for _ in 0..films {
        let film = editor.film();
        execute(conn, &film).await;
    }
    for _ in 0..2 * films {
        let edit = editor.edit();
        execute(conn, &edit).await;
    }
    execute(conn, "COMMIT").await;
    (database, editor)
}

#[actix_web::test]
async fn updated_index_equals_a_fully_loaded_one() {
    let (database, mut editor) = filled(60).await;
    let conn = &mut connect(&database).await;
    let rounds = std::env::var("EDIT_ROUNDS").map_or(150, |rounds| rounds.parse().unwrap());
    let mut index = whole(conn).await;
    for round in 0..rounds {
        let mut edits = Vec::new();
        for _ in 0..editor.one(&[1, 1, 1, 2]) {
            execute(conn, "BEGIN").await;
            for _ in 0..editor.one(&[1, 1, 2, 5]) {
                let edit = editor.edit();
                execute(conn, &edit).await;
                edits.push(edit);
            }
            execute(conn, editor.one(&["COMMIT", "COMMIT", "COMMIT", "COMMIT", "ROLLBACK"])).await;
        }
        index = delta(conn, &index).await.unwrap().expect("it was little that changed");
        assert!(index == whole(conn).await, "round {round}: {edits:#?}");
    }
    assert!(!index.is_empty());
}

#[actix_web::test]
async fn index_handles_an_empty_catalog() {
    let (database, mut editor) = filled(3).await;
    let conn = &mut connect(&database).await;
    let mut index = whole(conn).await;
    let film = editor.film();
    for edit in ["DELETE FROM movies", "DELETE FROM tags", "DELETE FROM people", &film, &film] {
        execute(conn, edit).await;
        index = delta(conn, &index).await.unwrap().unwrap();
        assert!(index == whole(conn).await, "{edit}");
    }
    assert_eq!(index.len(), 2);
}

#[actix_web::test]
async fn index_reloads_after_too_many_changes() {
    let (database, _) = filled(3).await;
    let conn = &mut connect(&database).await;
    let many = "INSERT INTO people (slug, name, sort_name) \
                SELECT gen_random_uuid(), 'Ann Other', 'other ann' FROM generate_series(1, 1001)";
    for edit in [many, "TRUNCATE movie_tags", "TRUNCATE movies CASCADE"] {
        let index = whole(conn).await;
        execute(conn, edit).await;
        assert!(delta(conn, &index).await.unwrap().is_none(), "{edit}");
        let index = whole(conn).await;
        execute(conn, "UPDATE people SET name = 'Ann' WHERE id = (SELECT min(id) FROM people)")
            .await;
        assert!(delta(conn, &index).await.unwrap().is_some(), "after {edit}");
    }
}

#[actix_web::test]
async fn index_reloads_when_changes_are_no_longer_recorded() {
    let (database, _) = filled(3).await;
    let conn = &mut connect(&database).await;
    let index = whole(conn).await;
    for _ in 0..1000 {
        execute(conn, "UPDATE sources SET name = name").await;
    }
    assert!(delta(conn, &index).await.unwrap().unwrap() == whole(conn).await);
    execute(conn, "UPDATE sources SET name = name").await;
    assert!(delta(conn, &index).await.unwrap().is_none());
}

#[actix_web::test]
async fn concurrent_edits_apply_in_commit_order() {
    let (database, mut editor) = filled(20).await;
    let (one, other) = (&mut connect(&database).await, &mut connect(&database).await);
    let conn = &mut connect(&database).await;
    let index = whole(conn).await;
    let (first, second) = (editor.film(), editor.film());
    execute(one, "BEGIN").await;
    execute(one, &first).await;
    execute(other, "BEGIN").await;
    execute(other, &second).await;
    assert!(delta(conn, &index).await.unwrap().unwrap() == index);
    execute(other, "COMMIT").await;
    let with_one = delta(conn, &index).await.unwrap().unwrap();
    assert!(with_one.len() == index.len() + 1 && with_one == whole(conn).await);
    execute(one, "COMMIT").await;
    let with_both = delta(conn, &with_one).await.unwrap().unwrap();
    assert!(with_both.len() == index.len() + 2 && with_both == whole(conn).await);
}

#[actix_web::test]
async fn changes_survive_savepoints_and_immediate_constraints() {
    let (database, mut editor) = filled(20).await;
    let conn = &mut connect(&database).await;
    let index = whole(conn).await;
    let film = editor.film();
    execute(conn, "BEGIN").await;
    execute(conn, "SAVEPOINT a").await;
    execute(conn, &film).await;
    execute(conn, "ROLLBACK TO a").await;
    execute(conn, "SET CONSTRAINTS ALL IMMEDIATE").await;
    execute(conn, &film).await;
    execute(conn, "UPDATE tags SET name = 'new ' || name").await;
    execute(conn, "COMMIT").await;
    assert!(delta(conn, &index).await.unwrap().unwrap() == whole(conn).await);
}
