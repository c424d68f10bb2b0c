//! Sessions as rows in Postgres, with Diesel.

mod batcher;
mod operations;
mod principals;
mod statements;
mod sweep;

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use serde_json::Value;

use self::batcher::Batcher;
use self::operations::{Change, Kind, Load, New, Row, RowState};
use self::statements::{Changes as Columns, Ended, Rotate};
use crate::data::Changes;
use crate::error::{Result, StoreError};
use crate::expiry::{Expiry, Life, Policy};
use crate::io::IO;
use crate::key::StoreKey;
use crate::store::{
    Added, Capabilities, Changed, Inserted, Loaded, MAX_SUCCESSORS, Merged, NewSession, Retire,
    Rotated, Snapshot, Store, Swapped, Touched,
};

/// The SQL to run on each connection of the store. It limits the wait for locked rows, and makes
/// Postgres look rows up by key whatever the statistics of the table are.
pub const CONNECTION_SETTINGS: &str = "SET lock_timeout = '50ms'; SET enable_seqscan = off; \
     SET enable_hashjoin = off; SET enable_mergejoin = off; \
     SET plan_cache_mode = force_generic_plan";

/// The migrations that create the table, as pairs of name and SQL.
pub const POSTGRES_MIGRATIONS: &[(&str, &str)] =
    &[("0001_sessions", include_str!("../../migrations/postgres/0001_sessions.up.sql"))];

const CONNECTIONS: usize = 8;

/// The timeout for getting a connection from the pool.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(3);

/// Stores sessions in the table `sessions` of Postgres, under the hash of their id. Concurrent
/// requests share statements. Cloning is cheap.
#[derive(Clone)]
pub struct DieselPostgres(Arc<Inner>);

struct Inner {
    pool: Pool<AsyncPgConnection>,
    loads: Batcher<Load>,
    inserts: Batcher<New>,
    changes: Batcher<Change>,
}

impl std::fmt::Debug for DieselPostgres {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("DieselPostgres")
    }
}

impl DieselPostgres {
    /// Returns a store that connects on first use, without TLS. See [`DieselPostgres::with_pool`]
    /// for other connections.
    ///
    /// # Errors
    /// When the pool cannot be created.
    pub fn connect(url: &str) -> Result<Self> {
        let mut config = ManagerConfig::default();
        config.recycling_method = RecyclingMethod::Fast;
        config.custom_setup = Box::new(|url| {
            let url = url.to_owned();
            Box::pin(async move {
                let opened = IO.spawn(async move {
                    let mut connection = AsyncPgConnection::establish(&url).await?;
                    let set = connection.batch_execute(CONNECTION_SETTINGS).await;
                    set.map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
                    Ok(connection)
                });
                let bad = |error: tokio::task::JoinError| {
                    diesel::ConnectionError::BadConnection(error.to_string())
                };
                opened.await.map_err(bad)?
            })
        });
        let manager = AsyncDieselConnectionManager::new_with_config(url, config);
        let pool = Pool::builder(manager).max_size(CONNECTIONS).build();
        Ok(Self::with_pool(pool.map_err(StoreError::other)?))
    }

    /// Uses the connections of a pool of at least six. Each must have run [`CONNECTION_SETTINGS`].
    pub fn with_pool(pool: Pool<AsyncPgConnection>) -> Self {
        Self(Arc::new(Inner {
            loads: Batcher::new(&pool),
            inserts: Batcher::new(&pool),
            changes: Batcher::new(&pool),
            pool,
        }))
    }

    /// Creates the table unless it exists. Several processes may do so at the same time.
    ///
    /// # Errors
    /// When the database is unavailable or refuses.
    pub async fn ensure_schema(&self) -> Result<()> {
        let connection = &mut self.connection().await?;
        let migration = POSTGRES_MIGRATIONS[0].1;
        let statement = format!(
            "DO $make$ BEGIN PERFORM pg_advisory_xact_lock(7305702); \
             IF to_regclass('sessions') IS NULL THEN {migration} END IF; END $make$"
        );
        connection.batch_execute(&statement).await.map_err(failed)
    }

    pub(crate) async fn connection(&self) -> Result<Object<AsyncPgConnection>> {
        connection(&self.0.pool).await
    }

    async fn state(&self, key: &StoreKey) -> Result<RowState> {
        self.0.loads.ask(Load(*key)).await
    }

    /// Changes the live session under a key or its successors. Returns `Err` with the session if it
    /// does not have the expected value, or was renewed between two statements.
    async fn change(
        &self,
        key: &StoreKey,
        kind: Kind,
        policy: &Policy,
    ) -> Result<Result<Changed<Row>, Snapshot>> {
        let mut change = Change { key: *key, kind, age: policy.lifetime(Expiry::Policy) };
        for hop in 0..=MAX_SUCCESSORS {
            match self.0.changes.ask(change.clone()).await? {
                Some(row) if hop == 0 => return Ok(Ok(Changed::Applied(row))),
                Some(row) => return Ok(Ok(Changed::AppliedToSuccessor(row))),
                None => {}
            }
            match self.state(&change.key).await? {
                RowState::Retired { successor, follows: true } => change.key = successor,
                RowState::Retired { follows: false, .. } => return Ok(Ok(Changed::Refused)),
                RowState::Live(snapshot) => return Ok(Err(snapshot)),
                RowState::Ended | RowState::Missing => return Ok(Ok(Changed::Gone)),
            }
        }
        Ok(Ok(Changed::Refused))
    }
}

fn contended(_: Snapshot) -> StoreError {
    StoreError::contended()
}

async fn connection(pool: &Pool<AsyncPgConnection>) -> Result<Object<AsyncPgConnection>> {
    match tokio::time::timeout(CONNECTION_TIMEOUT, pool.get()).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => Err(StoreError::unavailable(error)),
        Err(_) => Err(StoreError::unavailable("no database connection was free in time")),
    }
}

/// Values are checked before, so that most other errors are outages, such as a primary that became
/// read-only.
fn failed(error: diesel::result::Error) -> StoreError {
    use diesel::result::DatabaseErrorKind::{
        CheckViolation, ForeignKeyViolation, NotNullViolation, UniqueViolation,
    };
    match &error {
        diesel::result::Error::DatabaseError(
            CheckViolation | ForeignKeyViolation | NotNullViolation | UniqueViolation,
            _,
        ) => StoreError::other(error),
        _ => StoreError::unavailable(error),
    }
}

impl Store for DieselPostgres {
    async fn load(&self, key: &StoreKey) -> Result<Loaded> {
        Ok(match self.state(key).await? {
            RowState::Live(snapshot) => Loaded::Found(snapshot),
            RowState::Retired { .. } => Loaded::Retired,
            RowState::Ended => Loaded::Ended,
            RowState::Missing => Loaded::Missing,
        })
    }

    async fn insert(
        &self,
        key: &StoreKey,
        session: &NewSession,
        policy: &Policy,
    ) -> Result<Inserted> {
        let new = New::of(key, session, policy);
        let remaining = self.0.inserts.ask(new).await?;
        let expiry = session.expiry.clamped();
        Ok(remaining
            .map_or(Inserted::Conflict, |remaining| Inserted::Created(Life { expiry, remaining })))
    }

    async fn merge(&self, key: &StoreKey, changes: &Changes, policy: &Policy) -> Result<Merged> {
        let change = self.change(key, Kind::Merge(changes.clone()), policy).await?;
        Ok(change.map_err(contended)?.map(|row| row.life).into())
    }

    /// Reads first: usually nothing is due, and reading writes no WAL.
    async fn touch(&self, key: &StoreKey, policy: &Policy) -> Result<Touched> {
        match self.state(key).await? {
            RowState::Live(snapshot) if !policy.is_due(snapshot.life) => Ok(Touched::Fresh),
            RowState::Live(_) => {
                let age = policy.lifetime(Expiry::Policy);
                let change = Change { key: *key, kind: Kind::Touch, age };
                Ok(match self.0.changes.ask(change).await? {
                    Some(row) => Touched::Extended(row.life),
                    None if matches!(self.state(key).await?, RowState::Retired { .. }) => {
                        Touched::Retired
                    }
                    None => Touched::Gone,
                })
            }
            RowState::Retired { .. } => Ok(Touched::Retired),
            RowState::Ended | RowState::Missing => Ok(Touched::Gone),
        }
    }

    async fn rotate(
        &self,
        old: &StoreKey,
        new: &StoreKey,
        changes: &Changes,
        retire: Retire,
        policy: &Policy,
    ) -> Result<Rotated> {
        let age = policy.lifetime(Expiry::Policy);
        let mut columns = Columns::default();
        columns.push(&[Change { key: *old, kind: Kind::Merge(changes.clone()), age }]);
        let rotate = Rotate { new: *new.as_bytes(), follows: retire == Retire::Follow, columns };
        let connection = &mut self.connection().await?;
        let mut moved: Vec<operations::ChangedColumns> = patiently(connection, |connection| {
            let rotate = rotate.clone();
            Box::pin(async move { rotate.load(connection).await })
        })
        .await?;
        if let Some(columns) = moved.pop() {
            return Ok(Rotated::Rotated(Row::of(columns).1.life));
        }
        Ok(match self.state(old).await? {
            RowState::Retired { .. } => Rotated::Retired,
            RowState::Live(_) => return Err(StoreError::contended()),
            RowState::Ended | RowState::Missing => Rotated::Gone,
        })
    }

    async fn delete(&self, key: &StoreKey, reserve: Option<Duration>) -> Result<()> {
        let (mut target, mut reserve) = (*key, reserve);
        let connection = &mut self.connection().await?;
        for _ in 0..=MAX_SUCCESSORS {
            let end = Ended::new(&target, reserve);
            let ended = patiently(connection, |connection| {
                let end = end.clone();
                Box::pin(async move { end.run(connection).await })
            });
            if ended.await? {
                return Ok(());
            }
            match self.state(&target).await? {
                RowState::Retired { successor, .. } => (target, reserve) = (successor, None),
                // Created or renewed in between.
                RowState::Live(_) => {}
                RowState::Ended | RowState::Missing => return Ok(()),
            }
        }
        Ok(())
    }

    async fn swap(
        &self,
        key: &StoreKey,
        field: &str,
        expected: &Value,
        new: &Value,
        policy: &Policy,
    ) -> Result<Swapped> {
        loop {
            let kind = Kind::Swap {
                field: field.to_owned(),
                expected: expected.clone(),
                value: new.clone(),
            };
            let mut snapshot = match self.change(key, kind, policy).await? {
                Ok(changed) => return Ok(changed.map(|row| Ok(row.snapshot())).into()),
                Err(snapshot) => snapshot,
            };
            let stored = snapshot.data.remove(field).unwrap_or_default();
            if stored != *expected {
                return Ok(Swapped::Differs(stored));
            }
        }
    }

    async fn add(&self, key: &StoreKey, field: &str, by: i64, policy: &Policy) -> Result<Added> {
        let kind = Kind::Add { field: field.to_owned(), by };
        let change = self.change(key, kind, policy).await?;
        Ok(change.map_err(contended)?.map(Row::snapshot).into())
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { counters: true, principals: true, ..Capabilities::default() }
    }

    async fn delete_expired(&self, limit: usize) -> Result<usize> {
        sweep::delete_expired(&mut *self.connection().await?, limit).await.map_err(failed)
    }

    async fn count_expired(&self) -> Result<usize> {
        sweep::count_expired(&mut *self.connection().await?).await.map_err(failed)
    }

    async fn ping(&self) -> Result<()> {
        self.connection().await?.batch_execute("SELECT 1").await.map_err(failed)
    }

    async fn sessions_of(&self, principal: &str) -> Result<Vec<(StoreKey, Snapshot)>> {
        let connection = &mut self.connection().await?;
        principals::sessions_of(connection, principal).await.map_err(failed)
    }
}

type Answered<'c, T> = Pin<Box<dyn Future<Output = diesel::QueryResult<T>> + Send + 'c>>;

/// Runs a statement about one session. It waits longer for locks than one about many sessions.
async fn patiently<T: Send>(
    connection: &mut AsyncPgConnection,
    statement: impl for<'c> Fn(&'c mut AsyncPgConnection) -> Answered<'c, T>,
) -> Result<T> {
    match statement(connection).await {
        Ok(answer) => return Ok(answer),
        Err(error) if batcher::is_outage(&error) => return Err(failed(error)),
        Err(_) => {}
    }
    connection.batch_execute("BEGIN; SET LOCAL lock_timeout = '3s'").await.map_err(failed)?;
    let answer = statement(connection).await;
    let end = if answer.is_ok() { "COMMIT" } else { "ROLLBACK" };
    connection.batch_execute(end).await.map_err(failed)?;
    answer.map_err(failed)
}
