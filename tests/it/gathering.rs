//! Requests that meet at the database: many in one statement, and none lost.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::SimpleAsyncConnection;
use futures_util::FutureExt;
use futures_util::future::join_all;
use marquee::db::{Connection, Pool};
use marquee::sessions::{Added, Changes, Data, DbEngine, Engine, Key, Merged};
use serde_json::{Value, json};

use crate::support::{connect, fresh_database, number};

/// Statements of one kind under way at once.
const LANES: usize = 2;

struct Store {
    database: String,
    engine: DbEngine,
}

fn soon() -> DateTime<Utc> {
    Utc::now() + TimeDelta::hours(1)
}

fn data(value: Value) -> Data {
    serde_json::from_value(value).unwrap()
}

impl Store {
    async fn open() -> Self {
        let database = fresh_database().await;
        let pool = Pool::new(&database, 4).unwrap();
        Self { engine: DbEngine::new(pool, None).unwrap(), database }
    }

    async fn sessions(&self, count: usize) -> Vec<Key> {
        let nothing = Data::new();
        let new = join_all((0..count).map(|_| self.engine.insert(&nothing, soon()))).await;
        new.into_iter().map(Result::unwrap).collect()
    }

    async fn add(&self, key: &Key) -> i64 {
        match self.engine.add(key, "n", 1, soon()).await.unwrap() {
            Added::Now(data) => data["n"].as_i64().unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// Statements that wait for a lock.
    async fn blocked(&self) -> i64 {
        let waiting = "SELECT count(*) AS number FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        number(&self.database, waiting).await
    }

    /// Runs `requests` while every lane is held up by the lock on a row; they are all waiting
    /// when it is let go.
    async fn all_at_once<T>(&self, requests: impl Future<Output = T>) -> T {
        let held = self.sessions(LANES).await;
        let mut lock = Lock::all_rows(&self.database).await;
        let add = async |key| self.add(key).await;
        let hold_up = async {
            let mut lanes = held.iter();
            let (first, second) = (lanes.next().unwrap(), lanes.next().unwrap());
            let second = async {
                while self.blocked().await < 1 {}
                add(second).await
            };
            tokio::join!(add(first), second)
        };
        let then = async {
            while self.blocked().await < 2 {}
            // The first poll of a request hands its question in.
            tokio::join!(requests, lock.release()).0
        };
        tokio::join!(then, hold_up).0
    }
}

/// A transaction that holds every session.
struct Lock(Connection);

impl Lock {
    async fn all_rows(database: &str) -> Self {
        let mut connection = connect(database).await;
        connection.batch_execute("BEGIN; SELECT 1 FROM sessions FOR UPDATE").await.unwrap();
        Self(connection)
    }

    async fn release(&mut self) {
        self.0.batch_execute("COMMIT").await.unwrap();
    }
}

#[actix_web::test]
async fn a_hundred_visits_at_once_are_one_statement_and_all_count() {
    let store = Store::open().await;
    let keys = store.sessions(100).await;

    let sums = store.all_at_once(join_all(keys.iter().map(|key| store.add(key)))).await;

    assert_eq!(sums, [1; 100]);
    let counted = "SELECT count(*) AS number FROM sessions WHERE data = '{\"n\": 1}'";
    assert_eq!(number(&store.database, counted).await, 100 + 2);
    let statements = "SELECT count(DISTINCT xmin::text) AS number FROM sessions";
    assert_eq!(number(&store.database, statements).await, 1 + 2, "one, and the two held up");
}

#[actix_web::test]
async fn changes_to_one_session_at_once_apply_in_turn_and_each_gets_its_own_number() {
    let store = Store::open().await;
    let key = &store.sessions(1).await[0];
    let merges: Vec<Changes> = (0..10)
        .map(|n| Changes { changed: data(json!({ format!("k{n}"): n })), removed: vec![] })
        .collect();
    let merges = merges.iter().map(|changes| store.engine.merge(key, changes, soon()));
    let requests = async {
        let adds = join_all((0..50).map(|_| store.add(key)));
        let (sums, merged, more) =
            tokio::join!(adds, join_all(merges), join_all((0..50).map(|_| store.add(key))));
        assert!(merged.into_iter().all(|merged| matches!(merged, Ok(Merged::Stored(_)))));
        sums.into_iter().chain(more).collect::<BTreeSet<i64>>()
    };

    assert_eq!(store.all_at_once(requests).await, (1..=100).collect());
    let whole = "SELECT count(*) AS number FROM sessions WHERE data @> '{\"n\": 100, \"k9\": 9}'";
    assert_eq!(number(&store.database, whole).await, 1);
}

#[actix_web::test]
async fn an_unknown_session_or_a_refused_value_is_nobody_elses_trouble() {
    let store = Store::open().await;
    let keys = store.sessions(20).await;
    let unknown = Key::generate();
    // Postgres cannot store U+0000 in JSON. The session framework never lets it come this far.
    let refused = Changes { changed: data(json!({ "k": "a\0b" })), removed: vec![] };
    let requests = async {
        tokio::join!(
            join_all(keys.iter().map(|key| store.add(key))),
            store.engine.add(&unknown, "n", 1, soon()),
            store.engine.merge(&keys[0], &refused, soon()),
        )
    };

    let (sums, missing, refused) = store.all_at_once(requests).await;

    assert_eq!(sums, [1; 20]);
    assert_eq!(missing.unwrap(), Added::Missing);
    assert!(refused.is_err_and(|error| error.to_string().contains("Unicode")));
}

#[actix_web::test]
async fn a_request_that_is_given_up_takes_no_other_with_it() {
    let store = Store::open().await;
    let keys = store.sessions(20).await;
    let requests = async {
        for key in &keys {
            assert!(store.add(key).now_or_never().is_none());
        }
        join_all(keys.iter().map(|key| store.add(key))).await
    };
    let sums = store.all_at_once(requests).await;
    assert_eq!(sums, [2; 20], "what was asked for is done all the same");
}
