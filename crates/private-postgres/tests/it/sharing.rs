//! Several sites in one folder.

use std::time::Duration;

use crate::support::{Checkout, Running, is_alive};

#[test]
fn a_second_site_joins_and_the_last_one_stops_the_server() {
    let checkout = Checkout::new();
    let first = checkout.start();
    let server = checkout.server();
    let second = checkout.start();
    println!("join: {:?}", second.took);
    assert!(second.took < Duration::from_secs(1));
    assert_eq!(first.url, second.url);
    println!("stop of one of two: {:?}", first.stop());
    assert_eq!(checkout.server(), server);
    assert_eq!(second.query("SELECT 1").unwrap(), "1");
    second.stop();
    assert!(!is_alive(server));
}

#[test]
fn sites_started_together_in_an_empty_folder_share_one_server() {
    let checkout = Checkout::new();
    let spawned: Vec<_> = (0..4).map(|_| checkout.spawn()).collect();
    let mut running: Vec<Running> = spawned.into_iter().map(|site| site.running()).collect();
    for site in &running {
        println!("one of four: {:?}", site.took);
    }
    let server = checkout.server();
    assert_eq!(checkout.log().matches("starting PostgreSQL").count(), 1);
    running.pop().unwrap().kill();
    running.pop().unwrap().stop();
    for site in &running {
        assert_eq!(site.query("SELECT 1").unwrap(), "1");
    }
    running.pop().unwrap().stop();
    assert_eq!(checkout.server(), server);
    running.pop().unwrap().stop();
    assert!(!is_alive(server));
}

#[test]
fn starts_and_stops_may_meet() {
    let checkout = Checkout::new();
    checkout.start().stop();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for _ in 0..5 {
                    let site = checkout.start();
                    assert_eq!(site.query("SELECT 1").unwrap(), "1");
                    site.stop();
                }
            });
        }
    });
    assert_eq!(checkout.postmaster(), None);
}
