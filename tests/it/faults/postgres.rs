//! Postgres killed, frozen, and back.

use marquee::db;
use private_postgres::PrivatePostgres;
use reqwest::Method;
use tempfile::TempDir;

use super::{FILM, assert_unavailable, back, theme};
use crate::cluster::processes;
use crate::program::kill;
use crate::support::TestApp;

#[actix_web::test]
async fn acknowledged_sessions_survive_a_postgres_crash() {
    let folder = TempDir::new().unwrap();
    let postgres = PrivatePostgres::start(folder.path(), "marquee").await.unwrap();
    let data = folder.path().join("postgres/data");
    let database = postgres.url("marquee");
    db::migrate(&database).await.unwrap();
    let redis = format!("--session-cache-url={}", std::env::var("TEST_REDIS_URL").unwrap());
    let mut apps = Vec::new();
    for engine in ["db", "cached_db"] {
        let engine = format!("--session-engine={engine}");
        apps.push(TestApp::spawn_on(database.clone(), &[&engine, &redis]).await);
    }
    apps[0].import(FILM).await.unwrap();
    for app in &apps {
        assert_eq!(back(app, "/movies").await.visits(), 0);
        assert_eq!(app.post("/preferences", &[("theme", "dark")]).await.status, 303);
    }

    let frozen = processes(&data);
    frozen.iter().for_each(|process| kill("STOP", *process));
    for app in &apps {
        assert_unavailable(app, Method::GET, "/movies").await;
        assert_unavailable(app, Method::POST, "/preferences").await;
    }
    frozen.iter().for_each(|process| kill("CONT", *process));
    for app in &apps {
        // Abandoned requests may have counted; answered ones did.
        let page = back(app, "/about").await;
        assert!(page.visits() >= 1, "{}", page.visits());
        assert_eq!(app.post("/preferences", &[("theme", "dark")]).await.status, 303);
    }

    let visits: Vec<i64> = {
        let mut visits = Vec::new();
        for app in &apps {
            visits.push(back(app, "/movies").await.visits() + 1);
        }
        visits
    };
    kill("KILL", processes(&data)[0]);
    for (app, visits) in apps.iter().zip(visits) {
        let page = back(app, "/movies").await;
        assert!(page.visits() >= visits, "{} after {visits}", page.visits());
        assert_eq!(theme(&page), "dark");
    }
    postgres.stop().await.unwrap();
}
