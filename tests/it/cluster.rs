//! A Postgres of a test's own, on a port, for what the common one cannot show.

use std::fs;
use std::io::Write;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::unistd::{User, geteuid};
use tempfile::TempDir;

use crate::program::kill;
use crate::support::own_port;

pub struct Cluster {
    folder: TempDir,
    pub port: u16,
}

impl Cluster {
    /// Anybody on this machine may do anything in it. Not started yet.
    pub fn new() -> Self {
        let cluster = Self::empty();
        let data = cluster.data();
        let args = ["-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync", "-D"];
        cluster.run("initdb", &[&args[..], &[data.to_str().unwrap()]].concat());
        cluster.set("listen_addresses = '127.0.0.1'\nfsync = off\nmax_connections = 60");
        cluster
    }

    /// A standby that follows what the other one streams, as `pg_basebackup -R` makes it.
    pub fn replica_of(primary: &Self) -> Self {
        let replica = Self::empty();
        let (data, port) = (replica.data(), primary.port.to_string());
        let args = ["-R", "-c", "fast", "--no-sync", "-h", "127.0.0.1", "-U", "postgres"];
        let place = ["-p", &port, "-D", data.to_str().unwrap()];
        replica.run("pg_basebackup", &[&args[..], &place].concat());
        replica.start()
    }

    fn empty() -> Self {
        let folder = TempDir::new().unwrap();
        give(folder.path());
        Self { folder, port: own_port() }
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Adds lines to its settings, for the next start.
    pub fn set(&self, lines: &str) {
        let file = self.data().join("postgresql.conf");
        let mut file = fs::OpenOptions::new().append(true).open(file).unwrap();
        writeln!(file, "{lines}").unwrap();
    }

    /// Puts a file beside its data, as its own.
    pub fn take(&self, put: impl FnOnce(&Path)) {
        put(&self.data());
        for file in fs::read_dir(self.data()).unwrap() {
            give(&file.unwrap().path());
        }
    }

    /// Returns when it can be reached.
    pub fn start(self) -> Self {
        let folder = self.folder.path().display();
        let options = format!("-c port={} -c unix_socket_directories={folder}", self.port);
        self.control(&["-w", "-l", "log", "-o", &options, "start"]);
        self
    }

    pub fn stop(&self) {
        self.control(&["-m", "immediate", "stop"]);
    }

    /// From now on it takes writes, and follows nobody.
    pub fn promote(&self) {
        self.control(&["-w", "promote"]);
    }

    /// Sends a signal to the server and all that it started.
    pub fn signal(&self, name: &str) {
        processes(&self.data()).into_iter().for_each(|process| kill(name, process));
    }

    fn control(&self, args: &[&str]) {
        let data = self.data();
        self.run("pg_ctl", &[&["-s", "-D", data.to_str().unwrap()], args].concat());
    }

    fn run(&self, program: &str, args: &[&str]) {
        let status = self.command(program).args(args).status().unwrap();
        let read = |name| fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        assert!(status.success(), "{program} {args:?}: {}{}", read("commands"), read("log"));
    }

    /// Not as root, which Postgres refuses. A server that keeps running must not keep the test's
    /// own output open.
    fn command(&self, program: &str) -> Command {
        let folder = std::env::var("TEST_POSTGRES_BIN").expect("run the tests with bin/test");
        let program = Path::new(&folder).join(program);
        let mut command = if geteuid().is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(&program);
            command
        } else {
            Command::new(&program)
        };
        let log = fs::File::create(self.folder.path().join("commands")).unwrap();
        command.current_dir(self.folder.path()).stdout(Stdio::null()).stderr(log);
        command
    }

    /// As the superuser.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // It may have been stopped.
        let mut stop = self.command("pg_ctl");
        _ = stop.args(["-s", "-m", "immediate", "stop", "-D"]).arg(self.data()).status();
    }
}

/// The server of these data and all that it started.
pub fn processes(data: &Path) -> Vec<u32> {
    let file = fs::read_to_string(data.join("postmaster.pid")).unwrap();
    let server: u32 = file.lines().next().unwrap().parse().unwrap();
    let children = fs::read_to_string(format!("/proc/{server}/task/{server}/children")).unwrap();
    let children = children.split_whitespace().map(|child| child.parse().unwrap());
    std::iter::once(server).chain(children).collect()
}

fn give(path: &Path) {
    if geteuid().is_root() {
        let owner = User::from_name("postgres").unwrap().expect("Postgres brings its user");
        chown(path, Some(owner.uid.as_raw()), Some(owner.gid.as_raw())).unwrap();
    }
}
