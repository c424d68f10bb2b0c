//! A site as a real process.

use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use reqwest::Client;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_marquee");

/// Reached only when a test fails.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub struct Site {
    process: Child,
    pub address: String,
    start: String,
    log: tokio::task::JoinHandle<String>,
}

pub fn command(folder: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command.current_dir(folder).env_clear().env("PATH", std::env::var("PATH").unwrap());
    command.env("PORT", "0").kill_on_drop(true);
    command
}

impl Site {
    /// Starts a site and waits until it is open.
    pub async fn start(folder: &Path) -> Self {
        Self::start_command(command(folder)).await
    }

    pub async fn start_command(mut command: Command) -> Self {
        let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let mut log = String::new();
        let address = loop {
            let line = lines.next_line().await.unwrap();
            let line = line.unwrap_or_else(|| panic!("the site ended:\n{log}"));
            log.push_str(&line);
            log.push('\n');
            if let Some((_, rest)) = line.split_once("Marquee is open at ") {
                break rest.split(' ').next().unwrap().to_owned();
            }
        };
        let start = log.clone();
        // A full pipe would block the site.
        let log = tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                log.push_str(&line);
                log.push('\n');
            }
            log
        });
        Self { process, address, start, log }
    }

    /// Returns the word that follows this text in the log of the start.
    pub fn logged(&self, words: &str) -> &str {
        let rest = self.start.split_once(words).expect(&self.start).1;
        rest.split_whitespace().next().unwrap()
    }

    pub async fn visits(&self, client: &Client) -> Option<String> {
        let response = client.get(format!("{}/movies", self.address)).send().await.ok()?;
        let html = response.error_for_status().ok()?.text().await.ok()?;
        let start = html.find("id=\"num-visits\" value=\"")? + 23;
        Some(html[start..].split('"').next().unwrap().to_owned())
    }

    pub fn id(&self) -> u32 {
        self.process.id().unwrap()
    }

    pub fn signal(&self, name: &str) {
        kill(name, self.id());
    }

    /// Waits for the exit; returns its status, how long it took, and the log.
    pub async fn ended(mut self) -> (ExitStatus, Duration, String) {
        let start = Instant::now();
        let status = tokio::time::timeout(PATIENCE, self.process.wait()).await.unwrap().unwrap();
        (status, start.elapsed(), self.log.await.unwrap())
    }

    pub async fn stop(self) {
        self.signal("TERM");
        let (status, _, log) = self.ended().await;
        assert!(status.success(), "{status}:\n{log}");
    }
}

pub fn kill(signal: &str, process: u32) {
    let status = std::process::Command::new("sh")
        .args(["-c", &format!("kill -{signal} {process}")])
        .status();
    assert!(status.unwrap().success());
}

pub fn browser() -> Client {
    Client::builder().cookie_store(true).build().unwrap()
}
