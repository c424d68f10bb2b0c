//! Schema migrations: applies those that are pending and counts them.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use anyhow::{Context, anyhow, ensure};
use diesel::dsl::sql;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Connection, connect};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!();

/// The version of the first migration. It creates the schema of release 0.1 in a new database.
const BASELINE: &str = "0100";

/// The last migration of release 0.1, whose own migrations are no longer part of the program.
const LAST_OF_RELEASE_0_1: &str = "0037";

diesel::table! {
    /// Diesel's record of the migrations that have been applied.
    __diesel_schema_migrations (version) {
        version -> Text,
    }
}

/// Applies the pending migrations and returns their names.
///
/// Writes nothing if none is pending, so that a role without the right to change the schema can serve
/// the site. An advisory lock serializes processes that start at the same time.
///
/// # Errors
/// When the server cannot be reached, the database is older than release 0.1, or a migration fails.
pub async fn migrate(url: &str) -> anyhow::Result<Vec<String>> {
    let mut connection = connect(url).await?;
    let recorded = "to_regclass('__diesel_schema_migrations') IS NOT NULL";
    let recorded = diesel::select(sql::<Bool>(recorded)).get_result(&mut connection).await?;
    if recorded && pending_migrations(&mut connection).await? == 0 {
        return Ok(Vec::new());
    }
    connection.batch_execute("SELECT pg_advisory_lock(7305701)").await?;
    let mut connection = AsyncConnectionWrapper::<Connection>::from(connection);
    let applied = tokio::task::spawn_blocking(move || {
        adopt_baseline(&mut connection)?;
        let applied = connection.run_pending_migrations(MIGRATIONS).map_err(|e| anyhow!(e))?;
        anyhow::Ok(applied.iter().map(ToString::to_string).collect())
    });
    applied.await?.context(
        "cannot migrate the database; if its role may not change the schema, run `marquee migrate` \
         with the DATABASE_URL of a role that may",
    )
}

/// Records the baseline as applied in a database of release 0.1, which has the same schema.
fn adopt_baseline(connection: &mut AsyncConnectionWrapper<Connection>) -> anyhow::Result<()> {
    let applied = connection.applied_migrations().map_err(|e| anyhow!(e))?;
    let applied: BTreeSet<String> = applied.iter().map(ToString::to_string).collect();
    if applied.is_empty() || applied.contains(BASELINE) {
        return Ok(());
    }
    ensure!(
        applied.contains(LAST_OF_RELEASE_0_1),
        "the database is older than release 0.1; run `marquee migrate` of that release first"
    );
    let baseline = diesel::insert_into(__diesel_schema_migrations::table)
        .values(__diesel_schema_migrations::version.eq(BASELINE));
    diesel::RunQueryDsl::execute(baseline, connection)?;
    Ok(())
}

/// Returns the number of migrations of this program that the database lacks. Migrations that only a
/// newer program knows are ignored.
///
/// # Errors
/// When the server does not answer.
pub async fn pending_migrations(connection: &mut Connection) -> QueryResult<usize> {
    static VERSIONS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
        let all: Vec<Box<dyn Migration<Pg>>> =
            MIGRATIONS.migrations().expect("the names were checked when they were embedded");
        all.iter().map(|migration| migration.name().version().to_string()).collect()
    });
    let versions = __diesel_schema_migrations::table.select(__diesel_schema_migrations::version);
    let applied: Vec<String> = versions.load(connection).await?;
    let applied: BTreeSet<String> = applied.into_iter().collect();
    Ok(VERSIONS.difference(&applied).count())
}
