//! The server's process, as `postmaster.pid` and the system know it.

use std::fs;
use std::path::Path;
use std::process::Child;
#[cfg(not(target_os = "linux"))]
use std::process::Command;

use anyhow::Context;
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// The server of a cluster.
#[derive(Clone, Copy, Debug)]
pub struct Postmaster {
    pid: Pid,
    pub state: State,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum State {
    Starting,
    Ready,
    /// Takes no new clients, and may be waiting for the old ones to leave.
    Stopping,
}

impl Postmaster {
    /// The live server of the cluster in `data`, which is an absolute path without links.
    pub fn of(data: &Path) -> Option<Self> {
        let file = fs::read_to_string(data.join("postmaster.pid")).ok()?;
        let pid = pid_in(&file)?;
        // The eighth line is the state, since Postgres 10.
        let state = match file.lines().nth(7).unwrap_or_default().trim_end() {
            "ready" => State::Ready,
            "stopping" => State::Stopping,
            _ => State::Starting,
        };
        serves(pid, data).then_some(Self { pid, state })
    }

    /// One that we started, and have not seen to end.
    pub fn child(child: &Child) -> Option<Self> {
        let pid = Pid::from_raw(child.id().try_into().ok()?);
        Some(Self { pid, state: State::Ready })
    }

    pub fn serves(self, data: &Path) -> bool {
        serves(self.pid, data)
    }

    pub fn signal(self, signal: Signal) -> anyhow::Result<()> {
        match kill(self.pid, signal) {
            Ok(()) | Err(Errno::ESRCH) => Ok(()),
            Err(error) => Err(error).with_context(|| format!("cannot stop process {}", self.pid)),
        }
    }
}

/// The file names a live process that is not our server: after a crash its number was used again.
/// Postgres would refuse to start; one that names no process it clears up itself.
pub fn is_misleading(lock_file: &Path, data: &Path) -> bool {
    let file = fs::read_to_string(lock_file).unwrap_or_default();
    pid_in(&file).is_some_and(|pid| kill(pid, None).is_ok() && !serves(pid, data))
}

/// `kill` gives zero and less another meaning.
fn pid_in(lock_file: &str) -> Option<Pid> {
    let pid = lock_file.lines().next()?.trim().parse().ok()?;
    (pid > 0).then_some(Pid::from_raw(pid))
}

/// Also false of a dead process that its parent has not taken note of.
#[cfg(target_os = "linux")]
fn serves(pid: Pid, data: &Path) -> bool {
    use std::os::unix::ffi::OsStrExt;

    let proc = Path::new("/proc").join(pid.to_string());
    let name = fs::read_to_string(proc.join("comm")).unwrap_or_default();
    // A server works in its cluster.
    let at_home = || match fs::read_link(proc.join("cwd")) {
        Ok(folder) => folder == data,
        // Root in a container may not see it, but the command line.
        Err(_) => fs::read(proc.join("cmdline")).is_ok_and(|line| {
            line.split(|&b| b == 0).any(|arg| arg == data.as_os_str().as_bytes())
        }),
    };
    name.contains("postgres") && at_home()
}

#[cfg(not(target_os = "linux"))]
fn serves(pid: Pid, data: &Path) -> bool {
    let ps = Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).output();
    ps.is_ok_and(|output| {
        let command = String::from_utf8_lossy(&output.stdout);
        command.contains("postgres") && command.contains(&*data.to_string_lossy())
    })
}
