//! The index in memory follows every change of the database.

use marquee::catalog::dimension::DimensionId;
use marquee::catalog::index::Catalog;

use crate::support::{TestApp, connect, execute, fresh_database, number};

async fn version(database: &str) -> i64 {
    number(database, "SELECT version AS number FROM catalogue_version").await
}

#[actix_web::test]
async fn commits_of_other_processes_are_listed() {
    let app = TestApp::spawn().await;
    let conn = &mut connect(&app.database).await;
    execute(conn, "INSERT INTO movies (slug, title, sort_title) VALUES ('ran', 'Ran', 'ran')")
        .await;

    app.catalog.reaches(version(&app.database).await).await.unwrap();

    assert_eq!(app.get("/movies").await.films(), ["ran"]);
}

#[actix_web::test]
async fn catalog_version_changes_once_per_transaction_at_commit() {
    let database = fresh_database().await;
    let before = version(&database).await;
    let conn = &mut connect(&database).await;

    execute(conn, "BEGIN").await;
    execute(conn, "INSERT INTO tags (slug, name) VALUES ('a', 'A')").await;
    execute(conn, "UPDATE tags SET name = 'B'").await;
    assert_eq!(version(&database).await, before);
    // Nobody has to wait for it meanwhile.
    let other = &mut connect(&database).await;
    execute(other, "INSERT INTO tags (slug, name) VALUES ('c', 'C')").await;
    assert_eq!(version(&database).await, before + 1);
    execute(conn, "COMMIT").await;
    assert_eq!(version(&database).await, before + 2);

    execute(conn, "BEGIN").await;
    execute(conn, "DELETE FROM tags").await;
    execute(conn, "ROLLBACK").await;
    assert_eq!(version(&database).await, before + 2);
}

#[actix_web::test]
async fn lost_listener_connection_is_reopened() {
    let database = fresh_database().await;
    let catalog = Catalog::open(&database).await.unwrap();
    let conn = &mut connect(&database).await;

    execute(
        conn,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE application_name = 'marquee catalogue' AND datname = current_database()",
    )
    .await;
    execute(conn, "INSERT INTO tags (slug, name) VALUES ('war', 'War')").await;
    catalog.reaches(version(&database).await).await.unwrap();

    assert!(catalog.current().find(DimensionId::Tag, "war").is_some());
}
