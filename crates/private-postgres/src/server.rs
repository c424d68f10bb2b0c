//! Bringing the server up and down. Every function but [`Server::is_up`] wants the start lock held.

use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use nix::sys::signal::Signal;

use crate::NAME;
use crate::binaries::Binaries;
use crate::cluster;
use crate::home::{Home, remove_if_there};
use crate::patience::Patience;
use crate::postmaster::{Postmaster, State, is_misleading};
use crate::wire::{self, Answer};

/// How long Postgres may take to close its clients' sessions and write all it holds, and then to
/// end without that.
const STOP: [(Signal, Duration); 2] =
    [(Signal::SIGINT, Duration::from_secs(5)), (Signal::SIGQUIT, Duration::from_secs(2))];

/// What the sessions of a killed server cause until they notice, and for how long they may.
const STILL_IN_USE: &str = "pre-existing shared memory block";
const TO_NOTICE: Duration = Duration::from_secs(10);

/// The log is begun anew above this size.
const LONGEST_LOG: u64 = 10_000_000;

/// Small enough for a laptop; durable, for all that decides that is left as it is by default.
const SETTINGS: [&str; 7] = [
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "max_connections=100",
    "shared_buffers=128MB",
    "max_wal_size=256MB",
    "log_checkpoints=off",
    "jit=off",
];

#[derive(Clone, Debug)]
pub struct Server {
    home: Home,
}

impl Server {
    pub fn new(home: Home) -> Self {
        Self { home }
    }

    pub fn socket_folder(&self) -> &Path {
        self.home.socket_folder()
    }

    /// Cheap enough to be asked all the time.
    pub fn is_up(&self) -> bool {
        match self.postmaster() {
            // Without its socket it takes no new clients.
            Some(postmaster) => postmaster.state != State::Stopping && self.home.socket().exists(),
            // One that we cannot see, as from within a container, can still be used.
            None => {
                let answer = wire::ask(&self.home.socket(), NAME);
                answer.is_ok_and(|answer| answer == Answer::Ready)
            }
        }
    }

    /// Returns when the server answers. Puts it in `child` if it is ours, also when giving up.
    pub fn bring_up(&self, child: &mut Option<Child>, patience: &Patience) -> anyhow::Result<()> {
        let began = Instant::now();
        let mut log_from = None;
        loop {
            let postmaster = self.postmaster();
            let answer = match postmaster.map(|postmaster| postmaster.state) {
                // Each question too early is a FATAL line in the log.
                Some(State::Starting | State::Stopping) => Answer::NotYet,
                Some(State::Ready) | None => self.ask()?,
            };
            if answer == Answer::Ready {
                return Ok(());
            }
            if let Some(status) = ended(child.as_mut()) {
                *child = None;
                self.check_retry(status, log_from, began)?;
            } else if let Some(postmaster) = postmaster {
                if postmaster.state == State::Stopping || answer == Answer::Nobody {
                    postmaster.signal(Signal::SIGINT)?;
                }
            } else if child.is_none() && answer == Answer::Nobody {
                self.remove_misleading()?;
                log_from = Some(self.start_log()?);
                *child = Some(self.spawn()?);
            }
            ensure!(patience.wait(), "Postgres does not answer. {}", self.log_since(log_from));
        }
    }

    /// `child` is the server's process if it is ours.
    pub fn bring_down(&self, mut child: Option<Child>) -> anyhow::Result<()> {
        // A child lives on for a minute when its cluster is deleted.
        let postmaster = self.postmaster().or_else(|| child.as_ref().and_then(Postmaster::child));
        let data = self.home.data();
        // Its file is gone a moment before it.
        let mut is_running = |postmaster: &Postmaster| {
            child.take_if(|child| ended(Some(child)).is_some());
            child.is_some() || postmaster.serves(&data)
        };
        for (signal, time) in STOP {
            let Some(postmaster) = postmaster.filter(&mut is_running) else { break };
            postmaster.signal(signal)?;
            let patience = Patience::of(time);
            while is_running(&postmaster) && patience.wait() {}
        }
        let ended = postmaster.filter(is_running).is_none();
        ensure!(ended, "Postgres does not end. {}", self.log_since(None));
        self.home.remove_socket_folder();
        Ok(())
    }

    fn postmaster(&self) -> Option<Postmaster> {
        Postmaster::of(&self.home.data())
    }

    fn ask(&self) -> anyhow::Result<Answer> {
        let socket = self.home.socket();
        match wire::ask(&socket, NAME)? {
            Answer::NoSuchDatabase => wire::make_database(&socket, NAME).map(|()| Answer::Ready),
            answer => Ok(answer),
        }
    }

    fn spawn(&self) -> anyhow::Result<Child> {
        let major = cluster::major(&self.home)?;
        let data = self.home.data();
        ensure!(major.is_some(), "The database in {} is gone", data.display());
        let binaries = Binaries::find(&self.home.account, major)?;
        self.home.make_socket_folder()?;
        let log = self.home.log()?;
        let mut command = self.home.account.command(binaries.program("postgres"));
        command.arg("-D").arg(&data).arg("-k").arg(self.socket_folder()).args(["-p", "5432"]);
        command.args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
        command.stdout(log.try_clone()?).stderr(log);
        // Ctrl-C in the terminal is for the site, which still has requests to finish.
        command.process_group(0).spawn().context("cannot run postgres")
    }

    fn remove_misleading(&self) -> anyhow::Result<()> {
        let data = self.home.data();
        for file in [data.join("postmaster.pid"), self.home.socket_lock()] {
            if is_misleading(&file, &data) {
                log::warn!("{} is left from a crash and names another process", file.display());
                remove_if_there(&file)?;
            }
        }
        Ok(())
    }

    fn check_retry(
        &self,
        status: ExitStatus,
        log_from: Option<u64>,
        began: Instant,
    ) -> anyhow::Result<()> {
        let log = self.log_since(log_from);
        if !log.contains(STILL_IN_USE) || began.elapsed() > TO_NOTICE {
            bail!("Postgres ended at its start ({status}). {log}");
        }
        std::thread::sleep(Duration::from_millis(200));
        Ok(())
    }

    /// Makes room in the log; what is to come begins at the returned place.
    fn start_log(&self) -> anyhow::Result<u64> {
        let log = self.home.log()?;
        let length = log.metadata()?.len();
        if length <= LONGEST_LOG {
            return Ok(length);
        }
        log.set_len(0).context("cannot shorten postgres.log")?;
        Ok(0)
    }

    /// The last lines of the log as a part of an error message.
    fn log_since(&self, from: Option<u64>) -> String {
        const MOST: u64 = 4000;
        let path = self.home.log_path();
        let read = || -> std::io::Result<String> {
            let mut file = fs::File::open(&path)?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(from.unwrap_or(0).max(length.saturating_sub(MOST))))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        let text = read().unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let last = lines[lines.len().saturating_sub(12)..].join("\n");
        format!("The end of {}:\n{last}", path.display())
    }
}

/// Takes note of the end of a child, which else stays as a zombie.
fn ended(child: Option<&mut Child>) -> Option<ExitStatus> {
    child.and_then(|child| child.try_wait().ok().flatten())
}
