//! The whole arrangement under a steady load, while its parts are killed, frozen, cut off and filled
//! up. Visitors keep an account of what was confirmed to them, and compare all the time. `bin/faults`
//! does it several times over, and judges speed and memory, too.

use std::fs;
use std::io::Write;
use std::process::Command;
use std::time::{Duration, Instant};

use diesel_async::SimpleAsyncConnection;
use nix::unistd::geteuid;

use super::cut::CutWay;
use super::load::Load;
use crate::deployment::Deployment;
use crate::support::{connect, execute};

/// Every commit of a visit is one; a debug build on a busy machine is slow.
const VISITORS: usize = 6;

const DISK: u64 = 300 << 20;

struct Trial {
    deployment: Deployment,
    load: Load,
    /// Whether times and memory count: not in the short form, on a busy machine.
    strict: bool,
}

impl Trial {
    async fn begin() -> (Self, u32) {
        let rounds = std::env::var("FAULT_ROUNDS").map_or(1, |rounds| rounds.parse().unwrap());
        let deployment = if geteuid().is_root() {
            Deployment::start_on_disk_of(DISK).await
        } else {
            println!("no full disk: mounting a small one takes root");
            Deployment::start().await
        };
        let films = films(&deployment).await;
        let load = Load::start(&deployment.address(), &films, VISITORS);
        load.is_well().await;
        (Self { deployment, load, strict: rounds > 1 }, rounds)
    }

    /// The account, after what was broken came back.
    async fn is_over(&self, fault: &str, back: Instant) {
        self.deployment.is_ready().await;
        self.load.is_well().await;
        let took = back.elapsed();
        println!(
            "{fault}: well after {took:?}; {} rounds without a page so far",
            self.load.away().len()
        );
        assert!(!self.strict || took < Duration::from_secs(5), "{fault}: {took:?}");
    }

    async fn kill(&self, parts: &[&str]) {
        let former: Vec<_> = parts.iter().map(|part| self.deployment.process(part)).collect();
        for part in parts {
            self.deployment.signal(part, "KILL");
        }
        for (part, former) in parts.iter().zip(former) {
            self.deployment.runs_anew(part, former).await;
        }
        self.is_over(&format!("{parts:?} killed"), Instant::now()).await;
    }

    async fn freeze(&self, part: &str) {
        self.deployment.signal(part, "STOP");
        self.load.meets_it().await;
        self.deployment.signal(part, "CONT");
        self.is_over(&format!("{part} frozen"), Instant::now()).await;
    }

    async fn cut(&self, name: &str, socket: &str) {
        let way = CutWay::lay(&self.deployment.path(socket));
        // Those that go past it end, too.
        match name {
            "postgres" => {
                let mut conn = connect(&self.deployment.database()).await;
                let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                     WHERE application_name = 'marquee'";
                execute(&mut conn, end).await;
            }
            _ => {
                let socket = self.deployment.path("redis.aside");
                let mut client = Command::new("redis-cli");
                client.arg("-s").arg(socket).args(["client", "kill", "type", "normal"]);
                assert!(client.output().unwrap().status.success());
            }
        }
        for _ in 0..5 {
            let good = self.load.good();
            way.cut();
            self.load.until("pages between two cuts", || self.load.good() > good).await;
        }
        drop(way);
        self.is_over(&format!("connections to {name} cut"), Instant::now()).await;
    }

    async fn fill_disk(&self) {
        let filler = self.deployment.path("primary/filler");
        let mut file = fs::File::create(&filler).unwrap();
        for size in [1 << 20, 1 << 10] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
        let away = self.load.away().len();
        // Uses up the remaining space of the log.
        let mut conn = connect(&self.deployment.database()).await;
        let fill = "SELECT pg_logical_emit_message(true, 'filler', repeat('x', 1000000))";
        while conn.batch_execute(fill).await.is_ok() {}
        self.load.until("no room", || self.load.away().len() > away).await;
        drop(file);
        fs::remove_file(filler).unwrap();
        self.is_over("disk full", Instant::now()).await;
    }

    /// Bytes in memory of the process that is never killed while they are compared.
    fn memory(&self) -> u64 {
        let process = self.deployment.process("two").unwrap();
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
    }
}

/// The films that visitors open, from the list itself.
async fn films(deployment: &Deployment) -> Vec<String> {
    let page = reqwest::get(deployment.address() + "/movies").await.unwrap().text().await.unwrap();
    let slugs = page.split("data-movie=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    slugs.map(str::to_owned).collect()
}

#[actix_web::test]
async fn confirmed_writes_survive_every_fault() {
    let (trial, rounds) = Trial::begin().await;
    let before = trial.memory();
    for _ in 0..rounds {
        trial.kill(&["one"]).await;
        trial.kill(&["redis"]).await;
        trial.kill(&["primary"]).await;
        trial.kill(&["replica"]).await;
        trial.kill(&["nginx"]).await;
        trial.freeze("one").await;
        trial.freeze("redis").await;
        trial.freeze("primary").await;
        trial.freeze("replica").await;
        trial.cut("redis", "redis.sock").await;
        trial.cut("postgres", "primary/.s.PGSQL.5432").await;
        if geteuid().is_root() {
            trial.fill_disk().await;
        }
    }
    let after = trial.memory();
    println!("memory of a site: {} MB, then {} MB", before >> 20, after >> 20);
    assert!(!trial.strict || after < before + (30 << 20), "{before} bytes, then {after}");
    trial.kill(&["one", "two"]).await;
    println!("{} rounds of visitors", trial.load.good());
    trial.load.end().await;
}

async fn restarts_behind(proxy: &str) {
    let deployment = Deployment::start_behind(proxy).await;
    let load = Load::start(&deployment.address(), &films(&deployment).await, VISITORS);
    load.is_well().await;
    for site in ["one", "two"] {
        deployment.restart(site).await;
        load.is_well().await;
    }
    let away = load.away();
    assert!(away.is_empty(), "{}: {:?}", away.len(), away[0]);
    let former = deployment.process("one");
    deployment.signal("one", "KILL");
    deployment.is_anew("one", former).await;
    load.is_well().await;
    load.end().await;
}

#[actix_web::test]
async fn rolling_restart_fails_no_request() {
    restarts_behind("nginx").await;
}

#[actix_web::test]
async fn rolling_restart_behind_haproxy_fails_no_request() {
    restarts_behind("haproxy").await;
}
