//! Several processes that share one directory.

use std::time::Duration;

use crate::support::{Project, Running, is_alive};

#[test]
fn second_process_joins_and_the_last_one_stops_the_server() {
    let project = Project::new();
    let first = project.start();
    let server = project.server();
    let second = project.start();
    println!("join: {:?}", second.took);
    assert!(second.took < Duration::from_secs(1));
    assert_eq!(first.url, second.url);
    println!("stop of one of two: {:?}", first.stop());
    assert_eq!(project.server(), server);
    assert_eq!(second.query("SELECT 1").unwrap(), "1");
    second.stop();
    assert!(!is_alive(server));
}

#[test]
fn processes_started_together_share_one_server() {
    let project = Project::new();
    let spawned: Vec<_> = (0..4).map(|_| project.spawn()).collect();
    let mut running: Vec<Running> = spawned.into_iter().map(|site| site.running()).collect();
    for site in &running {
        println!("one of four: {:?}", site.took);
    }
    let server = project.server();
    assert_eq!(project.log().matches("starting PostgreSQL").count(), 1);
    running.pop().unwrap().kill();
    running.pop().unwrap().stop();
    for site in &running {
        assert_eq!(site.query("SELECT 1").unwrap(), "1");
    }
    running.pop().unwrap().stop();
    assert_eq!(project.server(), server);
    running.pop().unwrap().stop();
    assert!(!is_alive(server));
}

#[test]
fn concurrent_starts_and_stops_succeed() {
    let project = Project::new();
    project.start().stop();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for _ in 0..5 {
                    let site = project.start();
                    assert_eq!(site.query("SELECT 1").unwrap(), "1");
                    site.stop();
                }
            });
        }
    });
    assert_eq!(project.postmaster(), None);
}
