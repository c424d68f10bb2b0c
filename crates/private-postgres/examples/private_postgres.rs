//! Starts the private Postgres of a directory. Stops it on SIGTERM or when stdin is closed.

use std::io::{self, Read};
use std::path::Path;
use std::time::Instant;
use std::{env, thread};

use anyhow::Context;
use private_postgres::PrivatePostgres;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

const NAME: &str = "example";

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    env_logger::builder().filter_level(log::LevelFilter::Info).init();
    let directory = env::args_os().nth(1).context("usage: private_postgres <directory>")?;
    let mut terminate = signal(SignalKind::terminate())?;
    let (sender, stdin_closed) = oneshot::channel();
    let began = Instant::now();
    let postgres = PrivatePostgres::start(Path::new(&directory), NAME).await?;
    println!("{} {}", began.elapsed().as_millis(), postgres.url(NAME));
    thread::spawn(move || {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        sender.send(())
    });
    tokio::select! {
        _ = terminate.recv() => {}
        _ = stdin_closed => {}
    }
    let began = Instant::now();
    postgres.stop().await?;
    println!("stopped {}", began.elapsed().as_millis());
    Ok(())
}
