//! Several Postgres servers that stream from one another.

use std::time::Instant;

use marquee::db;

use crate::cluster::Cluster;
use crate::program::PATIENCE;
use crate::support::{TestApp, count};

/// A server with the schema, and one that follows it.
async fn pair() -> (Cluster, Cluster) {
    let primary = Cluster::new().start();
    db::migrate(&primary.url()).await.unwrap();
    let replica = Cluster::replica_of(&primary);
    (primary, replica)
}

#[actix_web::test]
async fn a_site_with_several_hosts_follows_a_fail_over() {
    let (primary, replica) = pair().await;
    let hosts = format!("127.0.0.1:{},127.0.0.1:{}", replica.port, primary.port);
    let app = TestApp::spawn_on(format!("postgres://postgres@{hosts}/postgres"), &[]).await;
    app.import(r#"{"title":"Ran","year":1985}"#).await.unwrap();
    assert_eq!(app.get("/movies").await.visits(), 0);
    let start = Instant::now();
    while count(&replica.url(), "sessions").await < 1 {
        assert!(start.elapsed() < PATIENCE, "it does not follow");
    }

    primary.stop();
    let page = app.get("/movies").await;
    assert_eq!((page.status, page.header("retry-after")), (503, "5"), "nobody takes writes");
    replica.promote();

    let start = Instant::now();
    let page = loop {
        let page = app.get("/movies").await;
        if page.status == 200 {
            break page;
        }
        assert!(start.elapsed() < PATIENCE, "{}", page.status);
    };
    assert_eq!((page.visits(), page.films()), (1, vec!["ran-1985".to_owned()]));
    // The connection that hears of changes has moved, too.
    app.import(r#"{"title":"Ikiru","year":1952}"#).await.unwrap();
    assert_eq!(app.get("/movies").await.films().len(), 2);
}
