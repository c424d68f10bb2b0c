//! Requests that meet at the database: many in one statement, and none lost.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use actix_web_sessions::stores::DieselPostgres;
use actix_web_sessions::stores::diesel_postgres::CONNECTION_SETTINGS;
use actix_web_sessions::{
    Added, Changes, Data, Inserted, Merged, NewSession, Policy, SessionId, Store as _, StoreKey,
};
use diesel_async::SimpleAsyncConnection;
use futures_util::FutureExt;
use futures_util::future::join_all;
use marquee::db::Pool;
use serde_json::{Value, json};

use crate::support::{connect, fresh_database, number};

const POLICY: Policy = Policy { age: Duration::from_secs(3600), touch_threshold: Duration::ZERO };

struct Store {
    database: String,
    sessions: DieselPostgres,
}

fn data(value: Value) -> Data {
    serde_json::from_value(value).unwrap()
}

fn set(value: Value) -> Changes {
    Changes { set: data(value), ..Changes::default() }
}

impl Store {
    async fn open() -> Self {
        let database = fresh_database().await;
        let pool = Pool::new(&database, 4).unwrap().sibling(8, CONNECTION_SETTINGS).unwrap();
        Self { sessions: DieselPostgres::with_pool(pool.into_connections()), database }
    }

    async fn insert(&self, count: usize) -> Vec<StoreKey> {
        let insert = async || {
            let key = SessionId::generate().unwrap().key();
            let inserted = self.sessions.insert(&key, &NewSession::default(), &POLICY).await;
            assert!(matches!(inserted, Ok(Inserted::Created(_))));
            key
        };
        join_all((0..count).map(|_| insert())).await
    }

    async fn add(&self, key: &StoreKey) -> i64 {
        match self.sessions.add(key, "n", 1, &POLICY).await.unwrap() {
            Added::Applied(snapshot) => snapshot.data["n"].as_i64().unwrap(),
            other => panic!("{other:?}"),
        }
    }
}

#[actix_web::test]
async fn parallel_visits_share_statements_and_all_count() {
    let store = Store::open().await;
    let keys = store.insert(100).await;

    let sums = join_all(keys.iter().map(|key| store.add(key))).await;

    assert_eq!(sums, [1; 100]);
    let counted = "SELECT count(*) AS number FROM sessions WHERE data = '{\"n\": 1}'";
    assert_eq!(number(&store.database, counted).await, 100);
    let statements = "SELECT count(DISTINCT xmin::text) AS number FROM sessions";
    assert!(number(&store.database, statements).await < 50);
}

#[actix_web::test]
async fn parallel_changes_to_one_session_apply_in_turn_and_each_gets_its_own_number() {
    let store = Store::open().await;
    let key = &store.insert(1).await[0];
    let merges: Vec<Changes> = (0..10).map(|n| set(json!({ format!("k{n}"): n }))).collect();
    let merges = merges.iter().map(|changes| store.sessions.merge(key, changes, &POLICY));
    let adds = join_all((0..50).map(|_| store.add(key)));
    let more = join_all((0..50).map(|_| store.add(key)));
    let (sums, merged, more) = tokio::join!(adds, join_all(merges), more);

    assert!(merged.into_iter().all(|merged| matches!(merged, Ok(Merged::Applied(_)))));
    let sums: BTreeSet<i64> = sums.into_iter().chain(more).collect();
    assert_eq!(sums, (1..=100).collect());
    let whole = "SELECT count(*) AS number FROM sessions WHERE data @> '{\"n\": 100, \"k9\": 9}'";
    assert_eq!(number(&store.database, whole).await, 1);
}

#[actix_web::test]
async fn unknown_session_or_refused_value_affects_no_other_session() {
    let store = Store::open().await;
    let keys = store.insert(20).await;
    let unknown = SessionId::generate().unwrap().key();
    // Postgres cannot store U+0000 in JSON. `Session` never lets it come this far.
    let refused = set(json!({ "k": "a\0b" }));

    let (sums, missing, refused) = tokio::join!(
        join_all(keys.iter().map(|key| store.add(key))),
        store.sessions.add(&unknown, "n", 1, &POLICY),
        store.sessions.merge(&keys[0], &refused, &POLICY),
    );

    assert_eq!(sums, [1; 20]);
    assert_eq!(missing.unwrap(), Added::Gone);
    assert!(refused.is_err());
}

#[actix_web::test]
async fn abandoned_request_does_not_cancel_others() {
    let store = Store::open().await;
    let keys = store.insert(20).await;
    for key in &keys {
        assert!(store.add(key).now_or_never().is_none());
    }
    let sums = join_all(keys.iter().map(|key| store.add(key))).await;
    assert!(sums.iter().all(|sum| (1..=2).contains(sum)), "{sums:?}");
}

/// One session's row is locked, and its visitor reloads.
#[actix_web::test]
async fn locked_row_delays_no_other_session() {
    let store = Store::open().await;
    let keys = store.insert(21).await;
    let (held, others) = keys.split_first().unwrap();
    let mut lock = connect(&store.database).await;
    let row = held.to_hex();
    let statement =
        format!("BEGIN; SELECT 1 FROM sessions WHERE encode(key_hash, 'hex') = '{row}' FOR UPDATE");
    lock.batch_execute(&statement).await.unwrap();

    let reloads = join_all((0..20).map(|_| store.add(held)));
    let rest = async {
        let mut slowest = Duration::ZERO;
        for _ in 0..10 {
            let begin = Instant::now();
            join_all(others.iter().map(|key| store.add(key))).await;
            slowest = slowest.max(begin.elapsed());
        }
        lock.batch_execute("COMMIT").await.unwrap();
        slowest
    };
    let (sums, slowest) = tokio::join!(reloads, rest);

    // 50 ms for the lock, once, and room for a slow machine.
    assert!(slowest < Duration::from_millis(500), "{slowest:?}");
    assert_eq!(sums.into_iter().collect::<BTreeSet<i64>>(), (1..=20).collect());
    assert_eq!(store.add(&others[0]).await, 11);
}

/// The table of the site's migrations is that of the crate.
#[actix_web::test]
async fn migrated_table_is_the_one_that_the_crate_makes() {
    let store = Store::open().await;
    let columns = "SELECT count(*) AS number FROM information_schema.columns
        WHERE table_name = 'sessions'";
    let before = number(&store.database, columns).await;
    // Does nothing where the table is.
    store.sessions.ensure_schema().await.unwrap();
    let signature = "SELECT ('x' || substr(md5(string_agg(concat_ws(' ', column_name, data_type,
            is_nullable, column_default, generation_expression), ',' ORDER BY ordinal_position)), 1, 15))
            ::bit(60)::bigint AS number
        FROM information_schema.columns WHERE table_name = 'sessions'";
    let migrated = number(&store.database, signature).await;
    let mut connection = connect(&store.database).await;
    connection.batch_execute("DROP TABLE sessions").await.unwrap();
    store.sessions.ensure_schema().await.unwrap();
    assert_eq!(number(&store.database, columns).await, before);
    assert_eq!(number(&store.database, signature).await, migrated);
}
