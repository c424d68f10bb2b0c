//! Runs the commands of `docs/operations.md` for backup, restore and upgrade.

use std::process::Command;

use tempfile::TempDir;

use crate::support::TestApp;

fn run(program: &str, args: &[&str]) {
    let output = Command::new(program).args(args).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[actix_web::test]
async fn restored_backup_has_films_and_sessions() {
    let app = TestApp::with_films(r#"{"title":"Ran","year":1985}"#).await;
    for before in 0..3 {
        assert_eq!(app.get("/movies").await.visits(), before);
    }
    let folder = TempDir::new().unwrap();
    let dump = folder.path().join("marquee.dump").display().to_string();
    // The role of a grant may be missing where the backup is restored.
    for statement in [
        "DROP ROLE IF EXISTS marquee_granted",
        "CREATE ROLE marquee_granted",
        "GRANT SELECT ON movies TO marquee_granted",
    ] {
        app.execute(statement).await;
    }
    run("pg_dump", &["--format=custom", &format!("--file={dump}"), &app.database]);
    app.execute("DROP OWNED BY marquee_granted").await;
    app.execute("DROP ROLE marquee_granted").await;
    app.execute("DROP TABLE sessions CASCADE").await;
    app.execute("DELETE FROM movies").await;

    let into = format!("--dbname={}", app.database);
    let args =
        ["--clean", "--if-exists", "--no-owner", "--no-acl", "--exit-on-error", &into, &dump];
    run("pg_restore", &args);
    let app = app.restarted().await;
    let page = app.get("/movies").await;
    assert_eq!((page.visits(), page.films()), (3, vec!["ran-1985".to_owned()]));
}

#[actix_web::test]
async fn process_keeps_serving_after_a_newer_one_has_migrated() {
    let app = TestApp::with_films(r#"{"title":"Ran","year":1985}"#).await;
    assert_eq!(app.get("/movies").await.visits(), 0);
    for column in ["movies", "people", "sessions"] {
        app.execute(&format!("ALTER TABLE {column} ADD COLUMN newer integer")).await;
        app.execute(&format!("ALTER TABLE {column} ADD COLUMN newest text DEFAULT 'x'")).await;
    }
    app.execute("CREATE TABLE newer (id integer PRIMARY KEY)").await;
    app.execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')").await;
    assert_eq!(app.get("/movies").await.visits(), 1);
    assert_eq!(app.get("/movies/ran-1985").await.status, 200);
    assert_eq!(app.post("/preferences", &[("theme", "dark")]).await.status, 303);
    app.import(r#"{"title":"Ikiru","year":1952}"#).await.unwrap();
    assert_eq!(app.get("/movies?sort=title").await.films(), ["ikiru-1952", "ran-1985"]);
    assert_eq!(app.get("/readyz").await.status, 200);
    // An old process that starts now works with the newer schema as well.
    assert_eq!(app.restarted().await.get("/movies").await.visits(), 3);
}
