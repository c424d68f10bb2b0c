//! The server's process, found by `postmaster.pid` and the process table.

use std::fs;
use std::path::Path;
use std::process::Child;
#[cfg(not(target_os = "linux"))]
use std::process::Command;
use std::time::Duration;

use anyhow::Context;
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::directory::read;

/// A starting server writes its pid file much faster.
const PID_FILE_WRITE_TIMEOUT: Duration = Duration::from_secs(1);

/// The main process of a server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Postmaster {
    pid: Pid,
    pub state: State,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum State {
    Starting,
    Ready,
    /// Refuses new clients and may be waiting for the present ones to disconnect.
    Stopping,
}

impl Postmaster {
    /// Finds the running server of the cluster in `data`, an absolute path without links.
    pub fn find(data: &Path) -> Option<Self> {
        let file = read(&data.join("postmaster.pid")).ok()?;
        let pid = parse_pid(&file)?;
        // The eighth line is the state, since Postgres 10.
        let state = match file.lines().nth(7).unwrap_or_default().trim_end() {
            "ready" => State::Ready,
            "stopping" => State::Stopping,
            _ => State::Starting,
        };
        serves(pid, data).then_some(Self { pid, state })
    }

    /// Returns the server of a child process that has not been waited for.
    pub fn of_child(child: &Child) -> Option<Self> {
        let pid = Pid::from_raw(child.id().try_into().ok()?);
        Some(Self { pid, state: State::Ready })
    }

    pub fn serves(self, data: &Path) -> bool {
        serves(self.pid, data)
    }

    pub fn signal(self, signal: Signal) -> anyhow::Result<()> {
        match kill(self.pid, signal) {
            Ok(()) | Err(Errno::ESRCH) => Ok(()),
            Err(error) => Err(error).with_context(|| format!("cannot signal process {}", self.pid)),
        }
    }
}

/// Reports whether a lock file is left over from a crash and would keep Postgres from starting: it names
/// the process of another program, which got the same id, or no process at all. Postgres itself removes a
/// file that names a process which is gone.
pub(crate) fn is_stale(lock_file: &Path, data: &Path) -> bool {
    let Ok(file) = read(lock_file) else { return false };
    match parse_pid(&file) {
        Some(pid) => kill(pid, None).is_ok() && !serves(pid, data),
        // After a power failure the file may be empty.
        None => fs::symlink_metadata(lock_file)
            .and_then(|found| found.modified())
            .is_ok_and(|at| at.elapsed().map_or(true, |age| age > PID_FILE_WRITE_TIMEOUT)),
    }
}

/// Parses the first line. `kill` would take zero and negative numbers for process groups.
fn parse_pid(lock_file: &str) -> Option<Pid> {
    let pid = lock_file.lines().next()?.trim().parse().ok()?;
    (pid > 0).then_some(Pid::from_raw(pid))
}

/// Reports whether the process is a live Postgres server of the cluster in `data`; false for a zombie.
#[cfg(target_os = "linux")]
fn serves(pid: Pid, data: &Path) -> bool {
    use std::os::unix::ffi::OsStrExt;

    let proc = Path::new("/proc").join(pid.to_string());
    let name = fs::read_to_string(proc.join("comm")).unwrap_or_default();
    // The working directory of a server is its cluster.
    let has_cluster = || match fs::read_link(proc.join("cwd")) {
        Ok(cwd) => cwd == data,
        // Root in a container may not read it, but may read the command line.
        Err(_) => fs::read(proc.join("cmdline")).is_ok_and(|line| {
            line.split(|&b| b == 0).any(|arg| arg == data.as_os_str().as_bytes())
        }),
    };
    name.contains("postgres") && has_cluster()
}

#[cfg(not(target_os = "linux"))]
fn serves(pid: Pid, data: &Path) -> bool {
    let ps = Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).output();
    ps.is_ok_and(|output| {
        let command = String::from_utf8_lossy(&output.stdout);
        command.contains("postgres") && command.contains(&*data.to_string_lossy())
    })
}
