//! `marquee check` and the file of settings.

use std::fs;

use tempfile::TempDir;

use crate::commands::run;
use crate::support::{connect, execute, fresh_database};

#[actix_web::test]
async fn check_prints_effective_settings_with_their_source() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(".env"), "SESSION_COOKIE_AGE=60\n").unwrap();
    let database = ("DATABASE_URL", "postgres://user:secret@host/films");
    let output = run(folder.path(), &["check", "--port", "9000"], &[database]).await;
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    for line in [
        "PORT=9000    # command line",
        "SESSION_COOKIE_AGE=60    # environment",
        "SESSION_COOKIE_NAME=sessionid",
        "DATABASE_URL=…    # environment",
    ] {
        assert!(text.lines().any(|shown| shown == line), "{line} in {text}");
    }
    assert!(!text.contains("secret"));
}

/// Settings that are safe in production, but for the database.
const SAFE: [(&str, &str); 6] = [
    ("TRUSTED_PROXIES", "127.0.0.1"),
    ("SESSION_COOKIE_SECURE", "true"),
    ("SESSION_COOKIE_NAME", "__Host-sessionid"),
    ("ALLOWED_HOSTS", "films.example"),
    ("PUBLIC_URL", "https://films.example"),
    ("METRICS_ADDRESS", "127.0.0.1:0"),
];

#[actix_web::test]
async fn deploy_check_connects_to_every_server() {
    let folder = TempDir::new().unwrap();
    let owner = fresh_database().await;
    let mut conn = connect(&owner).await;
    execute(&mut conn, "DROP ROLE IF EXISTS marquee_checked").await;
    execute(&mut conn, "CREATE ROLE marquee_checked LOGIN").await;
    execute(&mut conn, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO marquee_checked").await;
    let url = owner.replace("postgres@", "marquee_checked@");
    let check = async |settings: &[(&str, &str)]| {
        let settings = [&SAFE[..], settings].concat();
        let output = run(folder.path(), &["check", "--deploy"], &settings).await;
        let text = String::from_utf8(output.stdout).unwrap();
        let report = text.split_once("\n\n").unwrap().1.to_owned();
        (output.status.success(), report)
    };
    let add = "INSERT INTO operators (name, role, totp_secret) VALUES ('ada', 'owner', 'x')";
    execute(&mut conn, add).await;
    let clean = "errors: 0, warnings: 0\n";
    assert_eq!(check(&[("DATABASE_URL", url.as_str())]).await, (true, clean.to_owned()));
    let redis = std::env::var("TEST_REDIS_URL").unwrap();
    let cached = [("SESSION_ENGINE", "cached_db"), ("SESSION_CACHE_URL", redis.as_str())];
    let settings = [&[("DATABASE_URL", url.as_str())][..], &cached].concat();
    assert_eq!(check(&settings).await, (true, clean.to_owned()));

    let nowhere = "postgres://marquee_checked@127.0.0.1:1/films?sslmode=disable";
    let unknown = owner.replace("postgres@", "marquee_unknown@");
    for (settings, report) in [
        (
            &[("DATABASE_URL", nowhere)][..],
            "ERROR: DATABASE_URL: cannot reach the database: 127.0.0.1:1",
        ),
        (
            &[("DATABASE_URL", unknown.as_str())],
            "ERROR: DATABASE_URL: the database refuses the connection",
        ),
        (
            &[("DATABASE_URL", url.as_str()), ("DATABASE_REPLICA_URL", nowhere)],
            "ERROR: DATABASE_REPLICA_URL: cannot reach",
        ),
        (
            &[
                ("DATABASE_URL", url.as_str()),
                ("SESSION_ENGINE", "cache"),
                ("SESSION_CACHE_URL", "redis://127.0.0.1:1"),
            ],
            "ERROR: SESSION_CACHE_URL: ",
        ),
    ] {
        let (success, text) = check(settings).await;
        assert!(!success && text.starts_with(report), "{settings:?}: {text}");
        assert!(text.ends_with("errors: 1, warnings: 0\n"), "{text}");
    }

    execute(&mut conn, "DELETE FROM __diesel_schema_migrations WHERE version = '0100'").await;
    let bad = [
        ("DATABASE_URL", owner.as_str()),
        ("DATABASE_REPLICA_URL", url.as_str()),
        ("ALOWED_HOSTS", "x"),
    ];
    let (success, text) = check(&bad).await;
    assert!(success, "{text}");
    for warning in [
        "WARNING: ALOWED_HOSTS is not a setting; did you mean ALLOWED_HOSTS?",
        "WARNING: DATABASE_URL: postgres is a superuser",
        "WARNING: DATABASE_URL: pending migrations: 1",
        "WARNING: DATABASE_REPLICA_URL: the server is not a replica",
    ] {
        assert!(text.contains(warning), "{warning} in {text}");
    }
    execute(&mut conn, "DROP OWNED BY marquee_checked").await;
    execute(&mut conn, "DROP ROLE marquee_checked").await;
}

/// The file of a systemd unit, with the characters that a shell would interpret.
#[actix_web::test]
async fn env_file_gives_commands_the_settings_of_the_unit() {
    let folder = TempDir::new().unwrap();
    let database = fresh_database().await;
    let url = format!("{database}?sslmode=prefer&application_name=it$x");
    fs::write(folder.path().join("env"), format!("DATABASE_URL='{url}'\nNONSENSE=1\n")).unwrap();
    fs::write(folder.path().join(".env"), "PORT=eighty\n").unwrap();
    let output = run(folder.path(), &["--env-file", "env", "migrate"], &[]).await;
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{log}");
    let name = database.rsplit('/').next().unwrap();
    assert!(log.contains(&format!("database: {name} at /")), "{log}");
    assert!(!folder.path().join(".marquee").exists(), "a private Postgres was started");
    let output = run(folder.path(), &["check", "--deploy", "--env-file=env"], &[]).await;
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("WARNING: NONSENSE is not a setting."), "{text}");

    let output = run(folder.path(), &["migrate", "--env-file", "missing"], &[]).await;
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && log.contains("--env-file missing"), "{log}");
}

#[actix_web::test]
async fn command_without_database_url_names_the_private_postgres() {
    let folder = TempDir::new().unwrap();
    let output = run(folder.path(), &["migrate"], &[]).await;
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{log}");
    let line = "database: private Postgres in .marquee (DATABASE_URL is unset)";
    assert!(log.contains(line), "{log}");
}

#[actix_web::test]
async fn deploy_check_warns_of_an_unsafe_admin() {
    let folder = TempDir::new().unwrap();
    let database = fresh_database().await;
    let mut conn = connect(&database).await;
    let check = async |settings: &[(&str, &str)]| {
        let settings = [&SAFE[..], &[("DATABASE_URL", database.as_str())], settings].concat();
        let output = run(folder.path(), &["check", "--deploy"], &settings).await;
        String::from_utf8(output.stdout).unwrap()
    };
    let text = check(&[]).await;
    assert!(text.contains("WARNING: operators: there is no owner"), "{text}");
    execute(&mut conn, "INSERT INTO operators (name, role) VALUES ('ada', 'owner')").await;
    let text = check(&[]).await;
    assert!(text.contains("WARNING: operators: ada is an owner without a second factor"), "{text}");
    let unsafe_settings = [
        ("PUBLIC_URL", "http://films.example"),
        ("SESSION_COOKIE_SECURE", "false"),
        ("SESSION_COOKIE_NAME", "sessionid"),
    ];
    let text = check(&unsafe_settings).await;
    assert!(text.contains("WARNING: PUBLIC_URL is not https: passwords and sessions of"), "{text}");
}
