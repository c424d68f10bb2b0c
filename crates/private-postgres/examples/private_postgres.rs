//! Starts the private Postgres of a folder, and stops it on SIGTERM or at the end of stdin.

use std::io::{self, Read};
use std::path::Path;
use std::time::Instant;
use std::{env, thread};

use anyhow::Context;
use private_postgres::PrivatePostgres;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    env_logger::builder().filter_level(log::LevelFilter::Info).init();
    let folder = env::args_os().nth(1).context("usage: private_postgres <folder>")?;
    let mut terminated = signal(SignalKind::terminate())?;
    let (ended, stdin) = oneshot::channel();
    let began = Instant::now();
    let postgres = PrivatePostgres::start(Path::new(&folder)).await?;
    println!("{} {}", began.elapsed().as_millis(), postgres.url("marquee"));
    thread::spawn(move || {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        ended.send(())
    });
    tokio::select! {
        _ = terminated.recv() => {}
        _ = stdin => {}
    }
    let began = Instant::now();
    postgres.stop().await?;
    println!("stopped {}", began.elapsed().as_millis());
    Ok(())
}
