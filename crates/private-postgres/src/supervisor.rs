//! Brings the server back when it dies while we need it.

use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::Context;

use crate::folder::Folder;
use crate::patience::Patience;
use crate::server::Server;

const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// For one attempt, within which the sessions of the dead server must end.
const TO_COME_BACK: Duration = Duration::from_secs(15);

/// Between failed attempts, doubled up to here.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub struct Supervisor {
    stopped: Arc<AtomicBool>,
    thread: JoinHandle<Option<Child>>,
}

impl Supervisor {
    /// `child` is the server's process if it is ours.
    pub fn watch(folder: Folder, server: Server, child: Option<Child>) -> anyhow::Result<Self> {
        let stopped = Arc::<AtomicBool>::default();
        let watch = Watch { folder, server, stopped: stopped.clone(), child };
        let builder = thread::Builder::new().name("postgres".to_owned());
        let thread = builder.spawn(|| watch.run()).context("cannot watch over Postgres")?;
        Ok(Self { stopped, thread })
    }

    /// Gives the child back.
    pub fn stop(self) -> Option<Child> {
        self.stopped.store(true, Ordering::Relaxed);
        self.thread.thread().unpark();
        self.thread.join().ok().flatten()
    }
}

struct Watch {
    folder: Folder,
    server: Server,
    stopped: Arc<AtomicBool>,
    child: Option<Child>,
}

impl Watch {
    fn run(mut self) -> Option<Child> {
        let mut pause = BETWEEN_LOOKS;
        loop {
            thread::park_timeout(pause);
            if self.stopped.load(Ordering::Relaxed) {
                return self.child;
            }
            let ended = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten());
            if self.server.is_up() {
                continue;
            }
            let reason = ended.map_or_else(|| "it is gone".to_owned(), |status| status.to_string());
            log::warn!("Postgres ended ({reason}); starting it again");
            match self.restart() {
                Ok(()) => {
                    log::info!("Postgres is back");
                    pause = BETWEEN_LOOKS;
                }
                Err(_) if self.stopped.load(Ordering::Relaxed) => {}
                Err(error) => {
                    log::error!("Postgres does not come back: {error:#}");
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    /// Several processes try; the first does it, the others find it done.
    fn restart(&mut self) -> anyhow::Result<()> {
        let patience = Patience::unless(self.stopped.clone(), TO_COME_BACK);
        let _starting = self.folder.start_lock(&patience)?;
        let mut child = None;
        let result = self.server.bring_up(&mut child, &patience);
        // One that was replaced has ended, and was seen to.
        self.child = child.or(self.child.take());
        result
    }
}
