//! The commands of `docs/operations.md` for a backup and for a new version, carried out.

use std::process::Command;

use tempfile::TempDir;

use crate::support::TestApp;

fn run(program: &str, args: &[&str]) {
    let output = Command::new(program).args(args).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[actix_web::test]
async fn a_restored_backup_has_films_and_visitors() {
    let app = TestApp::with_films(r#"{"title":"Ran","year":1985}"#).await;
    for before in 0..3 {
        assert_eq!(app.get("/movies").await.visits(), before);
    }
    let folder = TempDir::new().unwrap();
    let dump = folder.path().join("marquee.dump").display().to_string();
    run("pg_dump", &["--format=custom", &format!("--file={dump}"), &app.database]);
    app.execute("DROP TABLE sessions CASCADE").await;
    app.execute("DELETE FROM movies").await;

    let into = format!("--dbname={}", app.database);
    let args = ["--clean", "--if-exists", "--no-owner", "--exit-on-error", &into, &dump];
    run("pg_restore", &args);
    let app = app.restarted().await;
    let page = app.get("/movies").await;
    assert_eq!((page.visits(), page.films()), (3, vec!["ran-1985".to_owned()]));
}

/// A new process has migrated, and old ones serve on.
#[actix_web::test]
async fn a_process_serves_on_when_a_newer_one_has_migrated() {
    let app = TestApp::with_films(r#"{"title":"Ran","year":1985}"#).await;
    assert_eq!(app.get("/movies").await.visits(), 0);
    for column in ["movies", "directors", "sessions"] {
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
    // One that starts now, of the old version, does not mind either.
    assert_eq!(app.restarted().await.get("/movies").await.visits(), 3);
}
