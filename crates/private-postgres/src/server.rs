//! Starting and stopping the server. All methods but [`Server::is_available`] require the start lock.

use std::io::{Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use nix::sys::signal::Signal;

use crate::binaries::Binaries;
use crate::cluster;
use crate::directory::no_links;
use crate::location::{Location, remove_if_present};
use crate::poll_deadline::PollDeadline;
use crate::postmaster::{Postmaster, State, is_stale};
use crate::protocol::{self, Probe};

/// Shutdown attempts: a fast one, which disconnects clients and writes a checkpoint, then an immediate
/// one, which does neither.
const SHUTDOWN: [(Signal, Duration); 2] =
    [(Signal::SIGINT, Duration::from_secs(5)), (Signal::SIGQUIT, Duration::from_secs(2))];

/// The log message of a start while sessions of a killed server still run, and how long they may take
/// to notice its end.
const STILL_IN_USE: &str = "pre-existing shared memory block";
const STILL_IN_USE_TIMEOUT: Duration = Duration::from_secs(10);
const STILL_IN_USE_INTERVAL: Duration = Duration::from_millis(200);

/// Bytes above which the log is truncated at the next start.
const MAX_LOG_SIZE: u64 = 10_000_000;

/// Bytes and lines of the log that an error message quotes.
const MAX_QUOTED_BYTES: u64 = 4000;
const MAX_QUOTED_LINES: usize = 12;

/// Small enough for a laptop. Settings that affect durability keep their defaults.
const SETTINGS: [&str; 7] = [
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "max_connections=100",
    "shared_buffers=128MB",
    "max_wal_size=256MB",
    "log_checkpoints=off",
    "jit=off",
];

/// The server of a location, running or not.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    location: Location,
}

impl Server {
    pub fn new(location: Location) -> Self {
        Self { location }
    }

    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Reports whether the server accepts clients. Cheap enough for frequent polling.
    pub fn is_available(&self) -> bool {
        match self.postmaster() {
            Some(postmaster) => {
                postmaster.state != State::Stopping && self.location.socket().exists()
            }
            // The process may be invisible, as from within a container.
            None => protocol::probe(&self.location.socket(), &self.location.name)
                .is_ok_and(|probe| probe == Probe::Ready),
        }
    }

    /// Starts the server unless it runs, and waits until it accepts clients. Stores the process in
    /// `child` if this call has started it, also when it fails.
    pub fn start(&self, child: &mut Option<Child>, deadline: &PollDeadline) -> anyhow::Result<()> {
        let began = Instant::now();
        let mut log_start = None;
        loop {
            let postmaster = self.postmaster();
            let probe = match postmaster.map(|postmaster| postmaster.state) {
                // A probe would log a FATAL line.
                Some(State::Starting | State::Stopping) => Probe::NotReady,
                Some(State::Ready) | None => self.probe()?,
            };
            if probe == Probe::Ready {
                return Ok(());
            }
            if let Some(status) = exit_status(child.as_mut()) {
                *child = None;
                self.check_retry(status, log_start, began)?;
            } else if let Some(postmaster) = postmaster {
                if postmaster.state == State::Stopping || probe == Probe::NotListening {
                    postmaster.signal(Signal::SIGINT)?;
                }
            } else if child.is_none() && probe == Probe::NotListening {
                self.remove_stale_locks()?;
                log_start = Some(self.prepare_log()?);
                *child = Some(self.spawn()?);
            }
            let log = || self.quote_log(log_start);
            ensure!(deadline.wait(), "Postgres does not answer. {}", log());
        }
    }

    /// Stops the server. `child` is its process if this process has started it.
    pub fn stop(&self, mut child: Option<Child>) -> anyhow::Result<()> {
        // When its cluster is deleted, the process runs on for up to a minute.
        let postmaster =
            self.postmaster().or_else(|| child.as_ref().and_then(Postmaster::of_child));
        let data = self.location.data();
        // The process ends shortly after it has removed its pid file.
        let mut is_running = |postmaster: &Postmaster| {
            child.take_if(|child| exit_status(Some(child)).is_some());
            child.is_some() || postmaster.serves(&data)
        };
        for (signal, timeout) in SHUTDOWN {
            let Some(postmaster) = postmaster.filter(&mut is_running) else { break };
            postmaster.signal(signal)?;
            let deadline = PollDeadline::after(timeout);
            while is_running(&postmaster) && deadline.wait() {}
        }
        let stopped = postmaster.filter(is_running).is_none();
        ensure!(stopped, "Postgres does not stop. {}", self.quote_log(None));
        self.location.remove_socket_directory();
        Ok(())
    }

    fn postmaster(&self) -> Option<Postmaster> {
        Postmaster::find(&self.location.data())
    }

    /// Probes the server and creates the database if it is missing.
    fn probe(&self) -> anyhow::Result<Probe> {
        let (socket, name) = (self.location.socket(), &self.location.name);
        match protocol::probe(&socket, name)? {
            Probe::NoSuchDatabase => {
                protocol::create_database(&socket, name).map(|()| Probe::Ready)
            }
            probe => Ok(probe),
        }
    }

    fn spawn(&self) -> anyhow::Result<Child> {
        let major = cluster::major_version(&self.location)?;
        let data = self.location.data();
        ensure!(major.is_some(), "the database in {} is gone", data.display());
        let account = &self.location.account;
        let binaries = Binaries::find(account, major)?;
        self.location.create_socket_directory()?;
        let log = self.location.log()?;
        let mut command = account.command(binaries.program("postgres"));
        command.arg("-D").arg(&data).arg("-k").arg(self.location.socket_directory());
        command.args(["-p", "5432"]);
        command.args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
        command.stdout(log.try_clone()?).stderr(log);
        // Ctrl-C must not reach Postgres while the program still finishes its work.
        command.process_group(0).spawn().context("cannot run postgres")
    }

    fn remove_stale_locks(&self) -> anyhow::Result<()> {
        let data = self.location.data();
        for file in [data.join("postmaster.pid"), self.location.socket_lock()] {
            if is_stale(&file, &data) {
                log::warn!("Removing {}, which is left over from a crash", file.display());
                remove_if_present(&file)?;
            }
        }
        Ok(())
    }

    fn check_retry(
        &self,
        status: ExitStatus,
        log_start: Option<u64>,
        began: Instant,
    ) -> anyhow::Result<()> {
        let log = self.quote_log(log_start);
        if !log.contains(STILL_IN_USE) || began.elapsed() > STILL_IN_USE_TIMEOUT {
            bail!("Postgres stopped during its start ({status}). {log}");
        }
        std::thread::sleep(STILL_IN_USE_INTERVAL);
        Ok(())
    }

    /// Truncates a long log. Returns the offset at which the next messages start.
    fn prepare_log(&self) -> anyhow::Result<u64> {
        let log = self.location.log()?;
        let length = log.metadata()?.len();
        if length <= MAX_LOG_SIZE {
            return Ok(length);
        }
        log.set_len(0).context("cannot truncate postgres.log")?;
        Ok(0)
    }

    /// Quotes the last lines of the log for an error message.
    fn quote_log(&self, start: Option<u64>) -> String {
        let path = self.location.log_path();
        let read = || -> std::io::Result<String> {
            let mut file = no_links().read(true).open(&path)?;
            let length = file.metadata()?.len();
            let start = start.unwrap_or(0).max(length.saturating_sub(MAX_QUOTED_BYTES));
            file.seek(SeekFrom::Start(start))?;
            let mut bytes = Vec::new();
            file.take(MAX_QUOTED_BYTES).read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        let text = read().unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let last = lines[lines.len().saturating_sub(MAX_QUOTED_LINES)..].join("\n");
        format!("The end of {}:\n{last}", path.display())
    }
}

/// Returns the status of a child that has exited, and reaps it.
fn exit_status(child: Option<&mut Child>) -> Option<ExitStatus> {
    child.and_then(|child| child.try_wait().ok().flatten())
}
