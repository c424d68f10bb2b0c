//! Checks that connect to the database, its replicas and the session cache.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Text};
use diesel_async::RunQueryDsl;
use marquee::config::Settings;
use marquee::db::{self, Connection, DatabaseUrl, Pool};
use marquee::operators::{Account, Role};
use marquee::sessions::Engine;
use marquee::web::Origin;

/// Connections that a process opens beside `DATABASE_POOL_SIZE`: eight for sessions and one that listens
/// for changes of the catalog.
const FURTHER_CONNECTIONS: i64 = 9;

/// Asks for everything that a warning depends on.
const QUERY: &str = "SELECT current_user::text AS role, rolsuper AS superuser, \
     current_setting('max_connections')::bigint AS max_connections, \
     EXISTS (SELECT FROM pg_replication_slots) \
         AND current_setting('max_slot_wal_keep_size') = '-1' AS unlimited_slots \
     FROM pg_roles WHERE rolname = current_user";

#[derive(QueryableByName)]
struct Server {
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Bool)]
    superuser: bool,
    #[diesel(sql_type = BigInt)]
    max_connections: i64,
    #[diesel(sql_type = Bool)]
    unlimited_slots: bool,
}

/// Returns warnings and errors.
pub async fn check(settings: &Settings) -> (Vec<String>, Vec<String>) {
    let (mut warnings, mut errors) = (Vec::new(), Vec::new());
    if let Some(url) = &settings.database_url {
        match database(settings, url).await {
            Ok(found) => warnings.extend(found),
            Err(error) => errors.push(format!("DATABASE_URL: {error:#}")),
        }
    }
    if let Some(url) = &settings.database_replica_url {
        match replica(url).await {
            Ok(found) => warnings.extend(found),
            Err(error) => errors.push(format!("DATABASE_REPLICA_URL: {error:#}")),
        }
    }
    if let Err(error) = cache(settings).await {
        errors.push(format!("SESSION_CACHE_URL: {error:#}"));
    }
    (warnings, errors)
}

async fn database(settings: &Settings, url: &str) -> anyhow::Result<Vec<String>> {
    let conn = &mut url.parse::<DatabaseUrl>()?.connect().await?;
    let mut warnings = Vec::new();
    let server = diesel::sql_query(QUERY).get_result::<Server>(conn).await?;
    if server.superuser {
        warnings.push(format!(
            "DATABASE_URL: {} is a superuser; use a role that owns only this database.",
            server.role
        ));
    }
    let connections = i64::from(settings.database_pool_size) + FURTHER_CONNECTIONS;
    if 2 * connections > server.max_connections {
        warnings.push(format!(
            "DATABASE_POOL_SIZE: a process opens up to {connections} connections and the server \
             allows {}; two processes do not fit.",
            server.max_connections
        ));
    }
    if server.unlimited_slots {
        warnings.push(
            "DATABASE_URL: the server has a replication slot and max_slot_wal_keep_size is \
             unlimited; a replica that is away fills its disk."
                .to_owned(),
        );
    }
    let pending = match db::pending_migrations(conn).await {
        Ok(0) => None,
        Ok(pending) => Some(format!("pending migrations: {pending}")),
        Err(_) => Some("the database is empty".to_owned()),
    };
    let is_ready = pending.is_none();
    warnings.extend(pending.map(|text| format!("DATABASE_URL: {text}; run marquee migrate.")));
    if is_ready {
        warnings.extend(operators(settings, conn).await?);
    }
    Ok(warnings)
}

async fn operators(settings: &Settings, conn: &mut Connection) -> anyhow::Result<Vec<String>> {
    let mut warnings = Vec::new();
    let accounts = marquee::operators::list(conn).await?;
    let is_https = settings.public_url.as_ref().is_some_and(Origin::is_https);
    if !accounts.is_empty() && !is_https && !settings.sessions.session_cookie_secure {
        warnings.push(
            "PUBLIC_URL is not https: passwords and sessions of operators can be read on the way."
                .to_owned(),
        );
    }
    let is_owner = |account: &&Account| account.role == Role::Owner && account.is_enabled();
    let owners: Vec<&Account> = accounts.iter().filter(is_owner).collect();
    if owners.is_empty() {
        warnings.push(
            "operators: there is no owner; nobody can edit the site in the browser. Run marquee \
             operators add."
                .to_owned(),
        );
    }
    for owner in owners.iter().filter(|owner| !owner.has_second_factor()) {
        warnings.push(format!(
            "operators: {} is an owner without a second factor; a stolen password is enough to \
             change the site.",
            owner.name
        ));
    }
    Ok(warnings)
}

async fn replica(url: &str) -> anyhow::Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct State {
        #[diesel(sql_type = Bool)]
        is_replica: bool,
    }
    let mut conn: Connection = url.parse::<DatabaseUrl>()?.for_reading().connect().await?;
    let state = diesel::sql_query("SELECT pg_is_in_recovery() AS is_replica");
    let state = state.get_result::<State>(&mut conn).await?;
    let warning = "DATABASE_REPLICA_URL: the server is not a replica.";
    Ok(if state.is_replica { Vec::new() } else { vec![warning.to_owned()] })
}

async fn cache(settings: &Settings) -> anyhow::Result<()> {
    // The engine needs a pool, which opens no connection here.
    let url = settings.database_url.as_deref().unwrap_or("postgres://localhost/marquee");
    let pool = Pool::new(url, 1)?;
    let mut sessions = settings.sessions.clone();
    // Only the cache is looked at; a missing key has a warning of its own.
    sessions.secret_key.get_or_insert_with(|| "unused".to_owned().into());
    let answers = Engine::open(&sessions, &pool)?.cache_answers().await;
    anyhow::ensure!(answers != Some(false), "the server does not answer, or refuses the password");
    Ok(())
}
