//! A project directory, processes that use its server, and the state of that server.

use std::env;
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, User, geteuid};
use tempfile::TempDir;

/// A directory in which processes are started. Dropping it kills its server.
pub struct Project {
    root: TempDir,
    pub path: PathBuf,
    /// The owner, for processes that do not run as root.
    user: Option<User>,
}

/// Returns true, and prints why, when the test cannot run.
pub fn needs_root() -> bool {
    let missing = !geteuid().is_root();
    if missing {
        println!("skipped: it needs root, to be two users");
    }
    missing
}

pub fn user(name: &str) -> User {
    User::from_name(name).unwrap().unwrap()
}

/// Waits until the condition holds; returns how long that took.
pub fn until(what: &str, mut condition: impl FnMut() -> bool) -> Duration {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < Duration::from_secs(20), "not in time: {what}");
        thread::park_timeout(Duration::from_millis(5));
    }
    began.elapsed()
}

impl Project {
    /// Creates one that every user can enter.
    pub fn new() -> Self {
        Self::named("site", 0o755, None)
    }

    pub fn named(name: &str, mode: u32, owner: Option<User>) -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::set_permissions(root.path(), Permissions::from_mode(0o755)).unwrap();
        let path = root.path().join(name);
        fs::create_dir_all(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        if let Some(owner) = &owner {
            chown(&path, Some(owner.uid.as_raw()), Some(owner.gid.as_raw())).unwrap();
        }
        Self { root, path, user: owner }
    }

    pub fn directory(&self) -> PathBuf {
        self.path.join(".example")
    }

    pub fn location(&self) -> PathBuf {
        self.directory().join("postgres")
    }

    pub fn data(&self) -> PathBuf {
        self.location().join("data")
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.directory().join("postgres.log")).unwrap_or_default()
    }

    pub fn spawn(&self) -> Site {
        self.spawn_as(None)
    }

    /// Starts a process as the owner of the project.
    pub fn spawn_as_owner(&self) -> Site {
        self.spawn_as(self.user.as_ref())
    }

    pub fn start(&self) -> Running {
        self.spawn().running()
    }

    fn spawn_as(&self, user: Option<&User>) -> Site {
        // Other users cannot run a program below /root.
        let program = self.root.path().join("private_postgres");
        if !program.exists() {
            // Copied by another process: a file that a forked child holds open for writing cannot be run.
            // target/debug/deps/it and target/debug/examples/private_postgres
            let tests = env::current_exe().unwrap();
            let built = tests.parent().unwrap().with_file_name("examples").join("private_postgres");
            assert!(Command::new("cp").arg(built).arg(&program).status().unwrap().success());
        }
        let mut command = Command::new(&program);
        command.arg(".example").current_dir(&self.path);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(user) = user {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        Site::of(command.spawn().unwrap())
    }

    /// Returns the pid in `postmaster.pid`.
    pub fn postmaster(&self) -> Option<i32> {
        let file = fs::read_to_string(self.data().join("postmaster.pid")).ok()?;
        file.lines().next()?.parse().ok()
    }

    /// Returns the pid of the running server.
    pub fn server(&self) -> i32 {
        let pid = self.postmaster().unwrap();
        assert!(is_alive(pid), "{pid} is dead\n{}", self.log());
        pid
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        if let Some(pid) = self.postmaster().filter(|&pid| is_postgres(pid)) {
            send(pid, Signal::SIGQUIT);
            until("the end of the test's server", || !is_alive(pid));
        }
        if let Ok(home) = self.location().canonicalize()
            && home.starts_with("/var/lib/example")
        {
            fs::remove_dir_all(home).unwrap();
        }
    }
}

/// A process of the example program.
pub struct Site {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<std::process::ChildStdout>,
    stderr: Arc<Mutex<String>>,
    listener: Option<JoinHandle<()>>,
}

/// A process whose server accepts clients.
pub struct Running {
    site: Site,
    pub url: String,
    pub took: Duration,
}

impl Site {
    fn of(mut child: Child) -> Self {
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut stderr = child.stderr.take().unwrap();
        let text = Arc::<Mutex<String>>::default();
        let sink = text.clone();
        let listener = thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = stderr.read(&mut buffer) {
                *sink.lock().unwrap() += &String::from_utf8_lossy(&buffer[..length]);
            }
        });
        Self { child, stdin, stdout, stderr: text, listener: Some(listener) }
    }

    pub fn stderr(&self) -> String {
        self.stderr.lock().unwrap().clone()
    }

    pub fn running(mut self) -> Running {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        let Some((took, url)) = line.trim_end().split_once(' ') else {
            panic!("did not start: {}", self.failure());
        };
        let took = Duration::from_millis(took.parse().unwrap());
        Running { took, url: url.to_owned(), site: self }
    }

    /// Returns the error message of a process that cannot start.
    pub fn failure(mut self) -> String {
        assert!(!self.child.wait().unwrap().success());
        self.listener.take().unwrap().join().unwrap();
        self.stderr()
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    /// Stops the process by closing its stdin; returns how long that took.
    pub fn stop(mut self) -> Duration {
        let began = Instant::now();
        self.site.stdin.take();
        assert!(self.site.child.wait().unwrap().success(), "{}", self.site.stderr());
        began.elapsed()
    }

    pub fn terminate(mut self) {
        send(self.site.child.id().try_into().unwrap(), Signal::SIGTERM);
        assert!(self.site.child.wait().unwrap().success(), "{}", self.site.stderr());
    }

    /// Sends SIGKILL.
    pub fn kill(mut self) {
        self.site.kill();
    }

    pub fn stderr(&self) -> String {
        self.site.stderr()
    }

    /// Returns the first column of the first row, or the error.
    pub fn query(&self, sql: &str) -> Result<String, String> {
        let session = self.session().map_err(|error| error.to_string())?;
        session.query(sql)
    }

    /// Opens a connection that stays open.
    pub fn session(&self) -> Result<Session, tokio_postgres::Error> {
        session(&self.url)
    }
}

pub fn session(url: &str) -> Result<Session, tokio_postgres::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let connect = tokio_postgres::connect(url, tokio_postgres::NoTls);
    let (client, connection) = runtime.block_on(connect)?;
    runtime.spawn(connection);
    Ok(Session { runtime, client })
}

pub struct Session {
    runtime: tokio::runtime::Runtime,
    client: tokio_postgres::Client,
}

impl Session {
    pub fn query(&self, sql: &str) -> Result<String, String> {
        let messages = self.runtime.block_on(self.client.simple_query(sql));
        let messages = messages.map_err(|error| error.to_string())?;
        let row = messages.iter().find_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        });
        Ok(row.unwrap_or_default().to_owned())
    }
}

pub fn send(pid: i32, signal: Signal) {
    kill(Pid::from_raw(pid), signal).unwrap();
}

/// Reports whether the process runs; false for a zombie, whose command line is empty.
pub fn is_alive(pid: i32) -> bool {
    fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty())
}

/// Counts the processes started for this cluster.
pub fn servers_of(data: &Path) -> usize {
    let lines =
        fs::read_dir("/proc").unwrap().flatten().map(|p| fs::read(p.path().join("cmdline")));
    let data = data.to_str().unwrap().as_bytes();
    let serves = |line: &Vec<u8>| line.split(|&byte| byte == 0).any(|argument| argument == data);
    lines.flatten().filter(serves).count()
}

fn is_postgres(pid: i32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "postgres")
}

/// Returns the process group, which a terminal sends its signals to.
pub fn group(pid: i32) -> i32 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    stat.rsplit_once(") ").unwrap().1.split(' ').nth(2).unwrap().parse().unwrap()
}

pub fn owner(path: &Path) -> u32 {
    use std::os::unix::fs::MetadataExt;
    fs::symlink_metadata(path).unwrap().uid()
}

pub fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}
