//! Restarts the server when it dies while this process uses it.

use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::Context;

use crate::directory::Directory;
use crate::poll_deadline::PollDeadline;
use crate::server::Server;

const CHECK_INTERVAL: Duration = Duration::from_millis(500);

/// Time for one restart, in which the sessions of the dead server must end.
const RESTART_TIMEOUT: Duration = Duration::from_secs(15);

/// The pause between failed restarts doubles up to this.
const MAX_BACKOFF: Duration = Duration::from_secs(30);

/// A thread that watches the server.
#[derive(Debug)]
pub(crate) struct Supervisor {
    stopped: Arc<AtomicBool>,
    thread: JoinHandle<Option<Child>>,
}

impl Supervisor {
    /// Starts the thread. `child` is the server's process if this process has started it.
    pub fn start(
        directory: Directory,
        server: Server,
        child: Option<Child>,
    ) -> anyhow::Result<Self> {
        let stopped = Arc::<AtomicBool>::default();
        let watch = Watch { directory, server, stopped: stopped.clone(), child };
        let builder = thread::Builder::new().name("postgres".to_owned());
        let thread = builder.spawn(|| watch.run()).context("cannot start a thread")?;
        Ok(Self { stopped, thread })
    }

    /// Stops the thread and returns the server's process.
    pub fn stop(self) -> Option<Child> {
        self.stopped.store(true, Ordering::Relaxed);
        self.thread.thread().unpark();
        self.thread.join().ok().flatten()
    }
}

struct Watch {
    directory: Directory,
    server: Server,
    stopped: Arc<AtomicBool>,
    child: Option<Child>,
}

impl Watch {
    fn run(mut self) -> Option<Child> {
        let mut pause = CHECK_INTERVAL;
        loop {
            thread::park_timeout(pause);
            if self.stopped.load(Ordering::Relaxed) {
                return self.child;
            }
            let exited = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten());
            if self.server.is_available() {
                continue;
            }
            let reason =
                exited.map_or_else(|| "unknown reason".to_owned(), |status| status.to_string());
            log::warn!("Postgres stopped ({reason}); restarting it");
            match self.restart() {
                Ok(()) => {
                    log::info!("Postgres is available again");
                    pause = CHECK_INTERVAL;
                }
                Err(_) if self.stopped.load(Ordering::Relaxed) => {}
                Err(error) => {
                    log::error!("cannot restart Postgres: {error:#}");
                    pause = (pause * 2).min(MAX_BACKOFF);
                }
            }
        }
    }

    /// Restarts the server. Of several processes that try, the first one does it.
    fn restart(&mut self) -> anyhow::Result<()> {
        let deadline = PollDeadline::cancellable(self.stopped.clone(), RESTART_TIMEOUT);
        let _start_lock = self.directory.start_lock(&deadline)?;
        let mut child = None;
        let result = self.server.start(&mut child, &deadline);
        // A previous child has exited and was reaped.
        self.child = child.or(self.child.take());
        result
    }
}
