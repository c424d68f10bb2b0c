//! `marquee operators`: lists, adds and changes operators. Passwords are set in the browser only.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::Context;
use marquee::config::{OperatorAction, Operators, Settings};
use marquee::db::{self, Connection, Pool};
use marquee::operators::{self, Account, Actor, Edit, Error, EventKind, Token};
use marquee::sessions::{Sessions, last_uses, operator_sessions};

use super::{Database, actor};

pub async fn run(settings: &Settings, operators: Operators) -> anyhow::Result<()> {
    let database = Database::open(settings).await?;
    let done = execute(settings, database.url(), operators).await;
    database.close().await?;
    done
}

async fn execute(settings: &Settings, url: &str, operators: Operators) -> anyhow::Result<()> {
    let conn = &mut db::connect(url).await?;
    let actor = actor(conn, &operators.author).await?;
    match operators.action {
        None => list(conn).await,
        Some(OperatorAction::Add { name, display_name, role }) => {
            let added = operators::add(conn, &name, &display_name, role, &actor).await;
            let (account, token) = added.map_err(refusal)?;
            let role = account.role.as_str();
            println!("Added {} as {role}. Link to set a password, for 24 hours:", account.name);
            print_link(settings, &token);
            Ok(())
        }
        Some(OperatorAction::Link { name }) => {
            let account = find(conn, &name).await?;
            let token = operators::create_link(conn, account.id).await?;
            operators::record(conn, Some(account.id), &actor, EventKind::LinkCreated).await?;
            println!("New link for {} to set a password, for 24 hours:", account.name);
            print_link(settings, &token);
            Ok(())
        }
        Some(OperatorAction::Role { name, role }) => {
            let account = find(conn, &name).await?;
            let edit = Edit { role: Some(role), ..Edit::default() };
            let changed = operators::edit(conn, account.id, edit, &actor).await;
            report(changed, &format!("{} is now {}.", account.name, role.as_str()))
        }
        Some(OperatorAction::Disable { name }) => {
            let account = find(conn, &name).await?;
            let changed = operators::disable(conn, account.id, &actor).await;
            report(changed, &format!("{} can no longer log in.", account.name))?;
            sessions(settings, url)?.end_all(account.id.to_string()).await?;
            Ok(())
        }
        Some(OperatorAction::Enable { name }) => {
            let account = find(conn, &name).await?;
            let changed = operators::enable(conn, account.id, &actor).await;
            report(changed, &format!("{} can log in again.", account.name))
        }
        Some(OperatorAction::Sessions { name }) => {
            let account = find(conn, &name).await?;
            list_sessions(conn, &sessions(settings, url)?, &account).await
        }
        Some(OperatorAction::LogOut { name, all: _ }) => {
            let accounts = match name {
                Some(name) => vec![find(conn, &name).await?],
                None => operators::list(conn).await?,
            };
            let sessions = sessions(settings, url)?;
            for account in accounts {
                end_sessions(conn, &sessions, &account, &actor).await?;
            }
            Ok(())
        }
        Some(OperatorAction::ResetSecondFactor { name }) => {
            let account = find(conn, &name).await?;
            let changed = operators::remove_second_factor(conn, account.id, &actor).await;
            report(changed, &format!("Removed the second factor of {}.", account.name))
        }
    }
}

async fn list(conn: &mut Connection) -> anyhow::Result<()> {
    for account in operators::list(conn).await? {
        let mut states = vec![account.role.as_str()];
        states.extend((!account.is_enabled()).then_some("disabled"));
        states.extend(account.password_hash.is_none().then_some("no password yet"));
        states.extend(account.has_second_factor().then_some("second factor"));
        println!("{} ({})", account.name, states.join(", "));
    }
    Ok(())
}

async fn list_sessions(
    conn: &mut Connection,
    sessions: &Sessions,
    account: &Account,
) -> anyhow::Result<()> {
    let found = sessions.of(account.id.to_string()).await?;
    let handles: Vec<String> = found.iter().map(|session| session.handle.clone()).collect();
    let last = last_uses(conn, &handles).await?;
    for session in found {
        let last = last.iter().find(|(handle, _)| *handle == session.handle);
        let last = last.map_or_else(String::new, |(_, at)| at.format("%F %T UTC").to_string());
        let minutes = session.age.as_secs() / 60;
        let label = session.label.unwrap_or_default();
        println!("started {minutes} min ago, last used {last}: {label}");
    }
    Ok(())
}

async fn end_sessions(
    conn: &mut Connection,
    sessions: &Sessions,
    account: &Account,
    actor: &Actor,
) -> anyhow::Result<()> {
    let count = sessions.end_all(account.id.to_string()).await?;
    if count > 0 {
        operators::record(conn, Some(account.id), actor, EventKind::SessionsEnded).await?;
    }
    println!("{}: sessions ended: {count}", account.name);
    Ok(())
}

fn sessions(settings: &Settings, url: &str) -> anyhow::Result<Sessions> {
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    let (idle, age) = (settings.admin_idle_timeout, settings.admin_session_age);
    operator_sessions(Pool::new(url, 1)?, seconds(idle), seconds(age), false)
}

async fn find(conn: &mut Connection, name: &str) -> anyhow::Result<Account> {
    let account = operators::find(conn, name).await?;
    account.with_context(|| format!("name: there is no operator {name:?}"))
}

/// Prints what was done, or that there was nothing to do.
fn report(changed: Result<bool, Error>, done: &str) -> anyhow::Result<()> {
    let changed = changed.map_err(refusal)?;
    println!("{}", if changed { done } else { "Nothing to do." });
    Ok(())
}

/// Names the field of a refused value.
fn refusal(error: Error) -> anyhow::Error {
    match error {
        Error::Refused(refusal) => anyhow::anyhow!("{}: {refusal}", refusal.field()),
        error => error.into(),
    }
}

/// Prints the link as a line of its own.
fn print_link(settings: &Settings, token: &Token) {
    let origin = settings.public_url.as_ref().map_or_else(
        || {
            let is_any = settings.host.is_unspecified();
            let host = if is_any { Ipv4Addr::LOCALHOST.into() } else { settings.host };
            format!("http://{}", SocketAddr::new(host, settings.port))
        },
        ToString::to_string,
    );
    println!("{origin}/admin/set-up/{}", token.as_str());
}
