//! The schema of a new database, and that of a database of the last release.

use std::process::Command;

use marquee::db;

use crate::support::{connect, count, execute, number};

/// Creates a database without tables and returns its URL.
async fn empty_database(name: &str) -> String {
    let server = std::env::var("TEST_DATABASE_URL").unwrap();
    let mut conn = connect(&format!("{server}/postgres")).await;
    execute(&mut conn, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
    execute(&mut conn, &format!("CREATE DATABASE {name}")).await;
    format!("{server}/{name}")
}

async fn database_of_release_0_1(name: &str) -> String {
    let database = empty_database(name).await;
    succeeds(
        "psql",
        &["--quiet", "--set=ON_ERROR_STOP=1", "--file=tests/it/release_0_1.sql", &database],
    );
    database
}

fn succeeds(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Returns the schema as SQL without comments. Release 0.1 also created the extension `pg_trgm`, which
/// other applications may use by now.
fn schema(database: &str) -> String {
    let dump = succeeds("pg_dump", &["--schema-only", "--no-owner", database]);
    let ignored = |line: &&str| {
        let line = line.trim_start();
        line.is_empty()
            || ["--", "\\restrict", "\\unrestrict"].iter().any(|start| line.starts_with(start))
            || line.contains("EXTENSION")
    };
    dump.lines().filter(|line| !ignored(line)).collect::<Vec<_>>().join("\n")
}

#[actix_web::test]
async fn release_0_1_migrates_to_the_schema_of_a_new_database_and_keeps_its_data() {
    let old = database_of_release_0_1("marquee_release_0_1").await;
    let new = empty_database("marquee_new").await;
    assert!(schema(&old).contains("CREATE TABLE public.movies"));
    for database in [&old, &new] {
        db::migrate(database).await.unwrap();
        assert_eq!(db::migrate(database).await.unwrap(), [""; 0]);
        let pending = db::pending_migrations(&mut connect(database).await).await.unwrap();
        assert_eq!(pending, 0);
    }
    pretty_eq(&schema(&old), &schema(&new));
    for table in ["movies", "credits", "sessions", "catalogue_version"] {
        assert_eq!(count(&old, table).await, 1, "{table}");
    }
    let visits = "SELECT (data -> 'num_visits')::bigint AS number FROM sessions";
    assert_eq!(number(&old, visits).await, 3);
    assert_eq!(count(&new, "notices").await, 1);
}

/// Shows only the lines that differ: the whole schema is long.
fn pretty_eq(one: &str, other: &str) {
    let missing = |of: &str, from: &str| {
        let lines = of.lines().filter(|line| !from.lines().any(|other| other == *line));
        lines.collect::<Vec<_>>().join("\n")
    };
    assert!(one == other, "-\n{}\n+\n{}", missing(one, other), missing(other, one));
}

#[actix_web::test]
async fn database_older_than_release_0_1_is_refused_and_left_as_it_is() {
    let database = database_of_release_0_1("marquee_too_old").await;
    let mut conn = connect(&database).await;
    execute(&mut conn, "DELETE FROM __diesel_schema_migrations WHERE version = '0037'").await;
    let before = schema(&database);
    let error = format!("{:#}", db::migrate(&database).await.unwrap_err());
    assert!(error.contains("older than release 0.1"), "{error}");
    assert_eq!(schema(&database), before);
}

#[actix_web::test]
async fn role_without_the_right_to_create_opens_an_up_to_date_database_only() {
    let database = empty_database("marquee_two_roles").await;
    let mut conn = connect(&database).await;
    execute(&mut conn, "DROP ROLE IF EXISTS marquee_reader").await;
    execute(&mut conn, "CREATE ROLE marquee_reader LOGIN").await;
    let url = database.replace("postgres@", "marquee_reader@");
    let error = format!("{:#}", db::migrate(&url).await.unwrap_err());
    assert!(error.contains("run `marquee migrate`"), "{error}");
    db::migrate(&database).await.unwrap();
    execute(&mut conn, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO marquee_reader").await;
    assert_eq!(db::migrate(&url).await.unwrap(), [""; 0]);
    execute(&mut conn, "DROP OWNED BY marquee_reader").await;
    execute(&mut conn, "DROP ROLE marquee_reader").await;
}
