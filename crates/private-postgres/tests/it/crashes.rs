//! Processes that die without warning.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use nix::sys::signal::Signal;

use crate::support::{Project, is_alive, owner, send, servers_of, until};

#[test]
fn server_of_a_killed_process_is_joined() {
    let project = Project::new();
    project.start().kill();
    let server = project.server();
    let site = project.start();
    println!("join of an orphan: {:?}", site.took);
    assert_eq!(project.server(), server);
    println!("stop of an orphan: {:?}", site.stop());
    assert!(!is_alive(server));
}

#[test]
fn killed_server_is_restarted() {
    let project = Project::new();
    let site = project.start();
    let second = project.start();
    let idle = site.session().unwrap();
    for round in 1..=2 {
        site.query(&format!("CREATE TABLE kept{round} ()")).unwrap();
        let server = project.server();
        send(server, Signal::SIGKILL);
        let took = until("a new server", || site.query("SELECT 1").is_ok());
        println!("back after kill -9: {took:?}");
        assert_ne!(project.server(), server);
        site.query(&format!("TABLE kept{round}")).unwrap();
    }
    assert!(idle.query("SELECT 1").is_err());
    until("the message", || {
        let text = site.stderr() + &second.stderr();
        text.contains("Postgres stopped (signal: 9 (SIGKILL))")
            && text.contains("Postgres is available again")
    });
    let server = project.server();
    site.stop();
    assert_eq!(project.server(), server);
    second.stop();
    assert!(!is_alive(server));
}

#[test]
fn stop_during_a_restart_leaves_no_server() {
    let project = Project::new();
    for round in 0..4 {
        let site = project.start();
        send(project.server(), Signal::SIGKILL);
        until("the message", || site.stderr().contains("restarting it"));
        // Each round stops at another moment of the restart.
        let began = Instant::now();
        until("a moment", || began.elapsed() > Duration::from_millis(round * 100));
        println!("stop in the middle of a restart: {:?}", site.stop());
        let data = project.data().canonicalize().unwrap();
        until("the end of all servers", || servers_of(&data) == 0);
    }
}

#[test]
fn server_in_smart_shutdown_is_replaced() {
    let project = Project::new();
    let site = project.start();
    let _client = site.session().unwrap();
    let server = project.server();
    send(server, Signal::SIGTERM);
    let back = || project.postmaster() != Some(server) && site.query("SELECT 1").is_ok();
    println!("back after a smart shutdown: {:?}", until("a new server", back));
    site.stop();
}

#[test]
fn server_without_socket_is_replaced() {
    let project = Project::new();
    let site = project.start();
    fs::remove_file(project.location().join("socket/.s.PGSQL.5432")).unwrap();
    println!("back with a socket: {:?}", until("a socket", || site.query("SELECT 1").is_ok()));
    site.stop();
}

#[test]
fn running_process_does_not_replace_a_deleted_database() {
    let project = Project::new();
    let site = project.start();
    let server = project.server();
    fs::remove_dir_all(project.data()).unwrap();
    send(server, Signal::SIGKILL);
    until("the message", || site.stderr().contains("is gone"));
    assert!(site.query("SELECT 1").is_err());
    let anew = project.start();
    until("the new server", || site.query("SELECT 1").is_ok());
    let server = project.server();
    anew.stop();
    assert_eq!(project.server(), server);
    site.stop();
    assert!(!is_alive(server));
}

#[test]
fn server_of_a_deleted_directory_is_stopped() {
    let project = Project::new();
    for deleted in [project.data(), project.directory()] {
        let site = project.start();
        let server = project.server();
        fs::remove_dir_all(deleted).unwrap();
        println!("stop of a deleted one: {:?}", site.stop());
        assert!(!is_alive(server));
    }
}

#[test]
fn data_survives_the_death_of_process_and_server() {
    let project = Project::new();
    let site = project.start();
    site.query("CREATE TABLE film ()").unwrap();
    let server = project.server();
    // A busy session notices the end of the server only when its query ends.
    let busy = site.session().unwrap();
    let busy =
        std::thread::spawn(move || busy.query("SELECT count(*) FROM generate_series(1, 3e6)"));
    let active =
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT count(*) FROM gen%'";
    until("a busy session", || site.query(active).unwrap() == "1");
    site.kill();
    send(server, Signal::SIGKILL);
    let site = project.start();
    println!("start after a crash: {:?}, {} attempts", site.took, {
        project.log().matches("pre-existing shared memory").count() + 1
    });
    site.query("TABLE film").unwrap();
    site.stop();
    let _ = busy.join().unwrap();
}

#[test]
fn start_waits_for_a_stopping_server() {
    let project = Project::new();
    let site = project.start();
    let _client = site.session().unwrap();
    let server = project.server();
    site.kill();
    send(server, Signal::SIGINT);
    let site = project.start();
    println!("start while the old one ends: {:?}", site.took);
    assert!(!is_alive(server));
    site.query("SELECT 1").unwrap();
    site.stop();
}

#[test]
fn reused_process_id_is_not_mistaken_for_the_server() {
    let project = Project::new();
    let site = project.start();
    let server = project.server();
    let pid_file = project.data().join("postmaster.pid");
    let socket_lock = project.location().join("socket/.s.PGSQL.5432.lock");
    let uid = owner(&pid_file);
    site.kill();
    send(server, Signal::SIGKILL);
    until("the end of the server", || !is_alive(server));
    // Of the same user: for another user Postgres recognizes the file as stale by itself.
    let mut stranger = Command::new("sleep").arg("600").uid(uid).spawn().unwrap();
    for file in [&pid_file, &socket_lock] {
        let text = fs::read_to_string(file).unwrap();
        fs::write(file, text.replacen(&server.to_string(), &stranger.id().to_string(), 1)).unwrap();
    }
    let site = project.start();
    assert!(
        site.stderr().contains("postmaster.pid, which is left over from a crash"),
        "{}",
        site.stderr()
    );
    site.query("SELECT 1").unwrap();
    site.stop();
    assert!(stranger.try_wait().unwrap().is_none(), "the stranger was stopped");
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}

/// A power failure leaves files that were created but not yet written.
#[test]
fn empty_lock_files_do_not_keep_the_server_from_starting() {
    let project = Project::new();
    project.start().stop();
    fs::create_dir_all(project.location().join("socket")).unwrap();
    for file in ["data/postmaster.pid", "socket/.s.PGSQL.5432.lock"] {
        let file = File::create(project.location().join(file)).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(60)).unwrap();
    }
    let site = project.start();
    site.query("SELECT 1").unwrap();
    site.stop();
}

#[test]
fn start_recovers_from_killed_initdb() {
    let project = Project::new();
    // At three stages of initdb: an empty directory, some files, and nearly complete.
    for sign in ["", "pg_wal", "global/pg_control"] {
        let mut site = project.spawn();
        until("initdb at work", || {
            let entries = fs::read_dir(project.location()).into_iter().flatten().flatten();
            let mut fresh =
                entries.filter(|e| e.file_name().to_string_lossy().starts_with("data.new"));
            fresh.any(|fresh| fresh.path().join(sign).exists())
        });
        site.kill();
        assert!(!project.data().exists());
    }
    let site = project.start();
    println!("start after three broken ones: {:?}", site.took);
    site.query("SELECT 1").unwrap();
    site.stop();
}
