//! Starts in adverse conditions.

use std::fs;
use std::process::Stdio;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr};

use crate::cluster::Cluster;
use crate::commands::run;
use crate::program::{PROGRAM, Site, browser, command, kill};
use crate::support::fresh_database;

type Log = Lines<BufReader<ChildStderr>>;

fn spawn(folder: &TempDir, database: &str) -> (Child, Log) {
    let mut command = command(folder.path());
    command.env("DATABASE_URL", database).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let log = BufReader::new(child.stderr.take().unwrap()).lines();
    (child, log)
}

/// Returns the first line that contains the text.
async fn line_with(log: &mut Log, text: &str) -> String {
    let mut seen = String::new();
    while let Some(line) = log.next_line().await.unwrap() {
        if line.contains(text) {
            return line;
        }
        seen = format!("{seen}{line}\n");
    }
    panic!("no {text:?} in\n{seen}");
}

#[actix_web::test]
async fn start_waits_for_an_unreachable_database() {
    let (folder, cluster) = (TempDir::new().unwrap(), Cluster::new());
    let (child, mut log) = spawn(&folder, &cluster.url());
    let line = line_with(&mut log, "retrying in 1 s").await;
    assert!(
        line.contains(&format!(
            "DATABASE_URL: cannot reach the database: 127.0.0.1:{}",
            cluster.port
        )),
        "{line}"
    );
    let cluster = cluster.start();
    let line = line_with(&mut log, "Marquee is open at ").await;
    let address = line.split_once("open at ").unwrap().1.split(' ').next().unwrap();
    let ready = browser().get(format!("{address}/readyz")).send().await.unwrap();
    assert_eq!(ready.status(), 200);
    kill("TERM", child.id().unwrap());
    line_with(&mut log, "stopping").await;
    cluster.stop();
}

#[actix_web::test]
async fn waiting_for_the_database_ends_on_sigterm() {
    let folder = TempDir::new().unwrap();
    let (mut child, mut log) = spawn(&folder, "postgres://127.0.0.1:1/films");
    line_with(&mut log, "retrying in 1 s").await;
    kill("TERM", child.id().unwrap());
    assert!(child.wait().await.unwrap().success());
}

#[actix_web::test]
async fn start_does_not_wait_when_the_database_refuses() {
    let folder = TempDir::new().unwrap();
    let database = fresh_database().await.replace("postgres@", "marquee_nobody@");
    let output = run(folder.path(), &[], &[("DATABASE_URL", &database)]).await;
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    let expected = "DATABASE_URL: the database refuses the connection: ";
    assert!(message.contains(expected) && message.contains("marquee_nobody"), "{message}");
}

async fn start_with_limit(folder: &TempDir, ulimit: &str) -> Site {
    let mut command = command(folder.path());
    let shell = format!("ulimit {ulimit} && exec \"$0\"");
    let mut shelled = tokio::process::Command::new("sh");
    shelled.args(["-c", &shell, PROGRAM]).current_dir(folder.path()).env_clear();
    let std = command.env("DATABASE_URL", fresh_database().await).as_std();
    shelled.envs(std.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shelled.env("MAX_CONNECTIONS", "1000").kill_on_drop(true);
    Site::start_command(shelled).await
}

#[actix_web::test]
async fn soft_limit_of_open_files_is_raised() {
    let folder = TempDir::new().unwrap();
    let site = start_with_limit(&folder, "-Sn 300").await;
    let limits = fs::read_to_string(format!("/proc/{}/limits", site.id())).unwrap();
    let files = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    assert_eq!(files.split_whitespace().nth(3), Some("1700"), "{files}");
    site.stop().await;
}

#[actix_web::test]
async fn low_limit_of_open_files_is_reported() {
    let folder = TempDir::new().unwrap();
    let site = start_with_limit(&folder, "-n 300").await;
    assert_eq!(site.logged("the limit of open files is 300: up to "), "66");
    site.stop().await;
}
