//! The cluster of `deploy/try-cluster`: two sites behind a proxy, Postgres with a replica, Redis.

use std::fs;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use nix::unistd::geteuid;
use tempfile::TempDir;
use tokio::time::{Interval, interval};

use crate::program::{PATIENCE, PROGRAM, kill};

pub struct Deployment {
    script: Child,
    folder: TempDir,
    port: u16,
    small_disk: bool,
}

/// Between two looks at what another process does.
pub fn clock() -> Interval {
    interval(Duration::from_millis(20))
}

impl Deployment {
    pub async fn start() -> Self {
        Self::start_behind("nginx").await
    }

    pub async fn start_behind(proxy: &str) -> Self {
        Self::start_in(TempDir::new().unwrap(), false, proxy).await
    }

    /// With a primary whose disk holds only so many bytes. Needs root.
    pub async fn start_on_disk_of(bytes: u64) -> Self {
        assert!(geteuid().is_root());
        let folder = TempDir::new().unwrap();
        let disk = folder.path().join("primary");
        fs::create_dir(&disk).unwrap();
        let size = format!("size={bytes}");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(disk);
        assert!(mount.status().unwrap().success());
        Self::start_in(folder, true, "nginx").await
    }

    async fn start_in(folder: TempDir, small_disk: bool, proxy: &str) -> Self {
        let port = free_ports();
        let log = fs::File::create(folder.path().join("script.log")).unwrap();
        // Ended also when the whole test is killed; in a group of its own, as at a terminal.
        let script = Command::new("setpriv")
            .args(["--pdeathsig", "TERM", "deploy/try-cluster"])
            .env("PROXY", proxy)
            .env("PORT", port.to_string())
            .env("FOLDER", folder.path())
            .env("MARQUEE", PROGRAM)
            .process_group(0)
            .stdout(log)
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut deployment = Self { script, folder, port, small_disk };
        let (began, mut clock) = (Instant::now(), clock());
        while !fs::read_to_string(deployment.path("script.log")).unwrap().contains("is open at") {
            let ended = deployment.script.try_wait().unwrap();
            assert!(ended.is_none() && began.elapsed() < PATIENCE, "no deployment: {ended:?}");
            clock.tick().await;
        }
        deployment
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where visitors go.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// One of the two processes of the site.
    pub fn site(&self, name: &str) -> String {
        format!("http://127.0.0.1:{}", self.port + if name == "one" { 1 } else { 2 })
    }

    pub fn database(&self) -> String {
        let socket = self.path("primary").display().to_string();
        format!("postgres://postgres@{}/marquee", socket.replace('/', "%2F"))
    }

    /// The process of a part; `None` while there is none.
    pub fn process(&self, part: &str) -> Option<u32> {
        let process =
            fs::read_to_string(self.path(&format!("{part}.pid"))).ok()?.trim().parse().ok();
        process.filter(|process| Path::new(&format!("/proc/{process}")).exists())
    }

    /// Sends a part and all that it started a signal.
    pub fn signal(&self, part: &str, name: &str) {
        let process = self.process(part).expect(part);
        let list = fs::read_dir("/proc").unwrap().flatten();
        let processes = list.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        // Postgres gives each of its processes a group of its own, but leaves the session.
        for member in processes.filter(|member| session(*member) == Some(process)) {
            kill(name, member);
        }
    }

    /// As a new version is brought in: the process finishes, another takes its place.
    pub async fn restart(&self, site: &str) {
        let former = self.process(site);
        kill("TERM", former.unwrap());
        self.is_anew(site, former).await;
    }

    /// Returns when another process than the former one has the part, and everything is ready.
    pub async fn is_anew(&self, part: &str, former: Option<u32>) {
        self.runs_anew(part, former).await;
        self.is_ready().await;
    }

    /// Returns when another process than the former one has the part.
    pub async fn runs_anew(&self, part: &str, former: Option<u32>) {
        let (began, mut clock) = (Instant::now(), clock());
        while self.process(part).is_none_or(|process| Some(process) == former) {
            assert!(began.elapsed() < PATIENCE, "{part} is not started again");
            clock.tick().await;
        }
    }

    /// Every part that a visitor needs answers.
    pub async fn is_ready(&self) {
        let client = reqwest::Client::builder().timeout(PATIENCE).build().unwrap();
        let answers = async |address: String, words: &str| {
            let Ok(response) = client.get(address).send().await else { return false };
            response.status().is_success() && response.text().await.unwrap().contains(words)
        };
        let (began, mut clock) = (Instant::now(), clock());
        while !(answers(self.site("one") + "/readyz", "cache: ready").await
            && answers(self.site("two") + "/readyz", "cache: ready").await
            && answers(self.address() + "/healthz", "alive").await)
        {
            assert!(began.elapsed() < PATIENCE, "not ready in time");
            clock.tick().await;
        }
    }
}

impl Drop for Deployment {
    fn drop(&mut self) {
        kill("TERM", self.script.id());
        self.script.wait().unwrap();
        if std::thread::panicking() {
            for site in ["one", "two"] {
                let log = fs::read_to_string(self.path(&format!("{site}.log"))).unwrap();
                let errors: Vec<&str> =
                    log.lines().filter(|line| line.contains(" ERROR ")).collect();
                println!("{site}: {:#?}", &errors[errors.len().saturating_sub(5)..]);
            }
        }
        if self.small_disk {
            let _ = Command::new("umount").arg("--lazy").arg(self.path("primary")).status();
        }
    }
}

fn session(process: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.split(' ').nth(3)?.parse().ok()
}

/// The first of three that follow one another, below those that the system gives out by itself.
fn free_ports() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = std::process::id() * 7 + NEXT.fetch_add(1, Ordering::Relaxed);
        let first = 12_000 + u16::try_from(number % 6_000 * 3).unwrap();
        if (first..first + 3).all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok()) {
            return first;
        }
    }
}
