//! Users, folders and paths.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};

use crate::support::{Checkout, is_alive, mode, needs_root, owner, user};

fn check(checkout: &Checkout, site: crate::support::Running) {
    assert_eq!(site.query("SELECT current_user").unwrap(), "marquee");
    let server = checkout.server();
    site.stop();
    assert!(!is_alive(server));
}

#[test]
fn an_ordinary_user_keeps_all_in_a_private_folder() {
    if needs_root() {
        return;
    }
    let nobody = user("nobody");
    let checkout = Checkout::named("site", 0o700, Some(nobody.clone()));
    let site = checkout.spawn_as_owner().running();
    println!("first start as nobody: {:?}", site.took);
    for name in ["", "start.lock", "postgres.log", "postgres", "postgres/data", "postgres/socket"] {
        assert_eq!(owner(&checkout.folder().join(name)), nobody.uid.as_raw(), "{name}");
    }
    assert_eq!(mode(&checkout.folder()), 0o700);
    check(&checkout, site);
}

#[test]
fn root_and_the_owner_of_a_checkout_take_turns_and_share() {
    if needs_root() {
        return;
    }
    let nobody = user("nobody");
    let checkout = Checkout::named("site", 0o700, Some(nobody.clone()));
    let root = checkout.start();
    for name in
        ["", "start.lock", "postgres.log", "postgres", "postgres/data", "postgres/users.lock"]
    {
        assert_eq!(owner(&checkout.folder().join(name)), nobody.uid.as_raw(), "{name}");
    }
    let process = fs::metadata(format!("/proc/{}", checkout.server())).unwrap();
    assert_eq!(process.uid(), nobody.uid.as_raw());
    let joined = checkout.spawn_as_owner().running();
    assert_eq!(root.url, joined.url);
    root.stop();
    check(&checkout, joined);
    let owner = checkout.spawn_as_owner().running();
    let root = checkout.start();
    owner.stop();
    check(&checkout, root);
}

#[test]
fn root_in_a_folder_of_its_own_lends_it_to_postgres() {
    if needs_root() {
        return;
    }
    let checkout = Checkout::new();
    let site = checkout.start();
    let postgres = user("postgres").uid.as_raw();
    assert_eq!(owner(&checkout.home()), postgres);
    assert_eq!(owner(&checkout.folder()), 0);
    assert_eq!(fs::metadata(format!("/proc/{}", checkout.server())).unwrap().uid(), postgres);
    let groups = fs::read_to_string(format!("/proc/{}/status", checkout.server())).unwrap();
    let groups = groups.lines().find(|line| line.starts_with("Groups:")).unwrap();
    assert_eq!(groups.trim(), "Groups:", "groups of root");
    check(&checkout, site);
}

#[test]
fn root_in_a_folder_closed_to_others_keeps_the_cluster_elsewhere() {
    if needs_root() {
        return;
    }
    let checkout = Checkout::named("my site", 0o700, None);
    let site = checkout.start();
    let home = fs::read_link(checkout.home()).unwrap();
    assert!(home.to_str().unwrap().starts_with("/var/lib/marquee/my-site-"), "{home:?}");
    assert!(site.said().contains("cannot enter"), "{}", site.said());
    site.query("CREATE TABLE film ()").unwrap();
    check(&checkout, site);
    // The link is all that `.marquee` has of it.
    fs::remove_dir_all(checkout.folder()).unwrap();
    let site = checkout.start();
    site.query("TABLE film").unwrap();
    check(&checkout, site);
    fs::remove_dir_all(&home).unwrap();
    let site = checkout.start();
    assert!(site.said().contains("is gone"), "{}", site.said());
    assert!(site.query("TABLE film").is_err());
    check(&checkout, site);
}

#[test]
fn another_user_is_told_whose_the_database_is() {
    if needs_root() {
        return;
    }
    let nobody = user("nobody");
    let checkout = Checkout::named("site", 0o755, Some(nobody));
    checkout.start().stop();
    let postgres = user("postgres").uid.as_raw();
    std::os::unix::fs::chown(checkout.home(), Some(postgres), None).unwrap();
    let failure = checkout.spawn_as_owner().failure();
    assert!(failure.contains("belongs to the user postgres"), "{failure}");
}

#[test]
fn a_path_may_have_spaces_and_signs() {
    let checkout = Checkout::named("my films, \"new\" 100% é", 0o755, None);
    check(&checkout, checkout.start());
    let checkout = Checkout::named("my films 'new' 100% é", 0o755, None);
    let site = checkout.start();
    assert!(checkout.home().join("socket/.s.PGSQL.5432").exists());
    check(&checkout, site);
}

#[test]
fn a_path_may_be_longer_than_a_socket_allows() {
    let checkout = Checkout::named(&["long"; 40].join("/"), 0o755, None);
    let site = checkout.start();
    assert!(site.url.contains("@%2Ftmp%2Fmarquee-"), "{}", site.url);
    let second = checkout.start();
    assert_eq!(site.url, second.url);
    let socket = site.url.split(['@', '/']).nth(3).unwrap().replace("%2F", "/");
    assert_eq!(mode(socket.as_ref()), 0o700);
    site.stop();
    check(&checkout, second);
    assert!(!fs::exists(&socket).unwrap(), "{socket} is left behind");
    // Anybody may make that name before us.
    fs::create_dir(&socket).unwrap();
    std::os::unix::fs::chown(&socket, Some(4321), None).unwrap_or_default();
    let failure = checkout.spawn().failure();
    assert!(failure.contains("is not a folder that only"), "{failure}");
    fs::remove_dir(&socket).unwrap();
    symlink("/tmp", &socket).unwrap();
    let failure = checkout.spawn().failure();
    assert!(failure.contains("is not a folder that only"), "{failure}");
    fs::remove_file(&socket).unwrap();
}
