//! A disk that takes no more, and then does again.

use std::process::Command;

use reqwest::Client;
use tempfile::TempDir;

use crate::program::{PROGRAM, Site, command};
use crate::support::fresh_database;

/// As a full disk: every write to a file fails, and reading goes on. The hard limit stays.
fn files_may_have(process: u32, bytes: &str) {
    let limit = format!("--fsize={bytes}:unlimited");
    let status = Command::new("prlimit").args(["--pid", &process.to_string(), &limit]).status();
    assert!(status.unwrap().success());
}

#[actix_web::test]
async fn file_engine_survives_a_full_disk() {
    let (folder, sessions) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut program = command(folder.path());
    // A limit on files is told by a signal first, which a full disk has not.
    let mut shell = tokio::process::Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; exec \"$0\"", PROGRAM]).current_dir(folder.path());
    shell.env_clear().kill_on_drop(true);
    shell.envs(program.as_std().get_envs().filter_map(|(name, value)| Some((name, value?))));
    program = shell;
    program.env("DATABASE_URL", fresh_database().await).env("SESSION_ENGINE", "file");
    program.env("SESSION_FILE_PATH", sessions.path());
    let site = Site::start_command(program).await;
    let client = Client::builder().cookie_store(true).build().unwrap();
    let visits = async |client: &Client| site.visits(client).await;
    assert_eq!(visits(&client).await.as_deref(), Some("0"));
    assert_eq!(visits(&client).await.as_deref(), Some("1"));

    files_may_have(site.id(), "0");
    let stranger = Client::builder().cookie_store(true).build().unwrap();
    for client in [&client, &stranger] {
        let page = client.get(format!("{}/movies", site.address)).send().await.unwrap();
        assert_eq!(page.status(), 200);
        assert!(page.headers().get("set-cookie").is_none());
        assert!(page.text().await.unwrap().contains("class=\"session-unavailable\""));
        let form = client.post(format!("{}/preferences", site.address)).form(&[("theme", "dark")]);
        let answer = form.send().await.unwrap();
        assert_eq!(answer.status(), 503);
        assert_eq!(answer.headers()["retry-after"], "5");
        assert!(answer.headers().get("set-cookie").is_none());
    }
    // Reading goes on.
    let about = client.get(format!("{}/about", site.address)).send().await.unwrap();
    assert!(about.text().await.unwrap().contains("id=\"num-visits\" value=\"2\""));

    files_may_have(site.id(), "unlimited");
    assert_eq!(visits(&client).await.as_deref(), Some("2"));
    assert_eq!(visits(&stranger).await.as_deref(), Some("0"));
    site.stop().await;
}
