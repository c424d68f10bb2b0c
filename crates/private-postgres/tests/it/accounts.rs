//! Users, directories and paths.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};

use crate::support::{Project, is_alive, mode, needs_root, owner, user};

fn check(project: &Project, site: crate::support::Running) {
    assert_eq!(site.query("SELECT current_user").unwrap(), "example");
    let server = project.server();
    site.stop();
    assert!(!is_alive(server));
}

#[test]
fn ordinary_user_owns_a_private_directory() {
    if needs_root() {
        return;
    }
    let nobody = user("nobody");
    let project = Project::named("site", 0o700, Some(nobody.clone()));
    let site = project.spawn_as_owner().running();
    println!("first start as nobody: {:?}", site.took);
    for name in ["", "start.lock", "postgres.log", "postgres", "postgres/data", "postgres/socket"] {
        assert_eq!(owner(&project.directory().join(name)), nobody.uid.as_raw(), "{name}");
    }
    assert_eq!(mode(&project.directory()), 0o700);
    check(&project, site);
}

#[test]
fn root_and_owner_of_the_parent_share_a_server() {
    if needs_root() {
        return;
    }
    let nobody = user("nobody");
    let project = Project::named("site", 0o700, Some(nobody.clone()));
    let root = project.start();
    for name in
        ["", "start.lock", "postgres.log", "postgres", "postgres/data", "postgres/users.lock"]
    {
        assert_eq!(owner(&project.directory().join(name)), nobody.uid.as_raw(), "{name}");
    }
    let process = fs::metadata(format!("/proc/{}", project.server())).unwrap();
    assert_eq!(process.uid(), nobody.uid.as_raw());
    let joined = project.spawn_as_owner().running();
    assert_eq!(root.url, joined.url);
    root.stop();
    check(&project, joined);
    let owner = project.spawn_as_owner().running();
    let root = project.start();
    owner.stop();
    check(&project, root);
}

#[test]
fn root_in_its_own_directory_runs_the_server_as_postgres() {
    if needs_root() {
        return;
    }
    let project = Project::new();
    let site = project.start();
    let postgres = user("postgres").uid.as_raw();
    assert_eq!(owner(&project.location()), postgres);
    assert_eq!(owner(&project.directory()), 0);
    assert_eq!(fs::metadata(format!("/proc/{}", project.server())).unwrap().uid(), postgres);
    let groups = fs::read_to_string(format!("/proc/{}/status", project.server())).unwrap();
    let groups = groups.lines().find(|line| line.starts_with("Groups:")).unwrap();
    assert_eq!(groups.trim(), "Groups:", "groups of root");
    check(&project, site);
}

#[test]
fn root_in_a_directory_closed_to_others_uses_var_lib() {
    if needs_root() {
        return;
    }
    let project = Project::named("my site", 0o700, None);
    let site = project.start();
    let location = fs::read_link(project.location()).unwrap();
    assert!(location.to_str().unwrap().starts_with("/var/lib/example/my-site-"), "{location:?}");
    assert!(site.stderr().contains("cannot enter"), "{}", site.stderr());
    site.query("CREATE TABLE film ()").unwrap();
    check(&project, site);
    // Only the link was in `.example`.
    fs::remove_dir_all(project.directory()).unwrap();
    let site = project.start();
    site.query("TABLE film").unwrap();
    check(&project, site);
    fs::remove_dir_all(&location).unwrap();
    let site = project.start();
    assert!(site.stderr().contains("is gone"), "{}", site.stderr());
    assert!(site.query("TABLE film").is_err());
    check(&project, site);
}

#[test]
fn other_user_is_told_the_owner_of_the_database() {
    if needs_root() {
        return;
    }
    let nobody = user("nobody");
    let project = Project::named("site", 0o755, Some(nobody));
    project.start().stop();
    let postgres = user("postgres").uid.as_raw();
    std::os::unix::fs::chown(project.location(), Some(postgres), None).unwrap();
    let failure = project.spawn_as_owner().failure();
    assert!(failure.contains("belongs to the user postgres"), "{failure}");
}

#[test]
fn path_with_spaces_and_quotes_works() {
    let project = Project::named("my films, \"new\" 100% é", 0o755, None);
    check(&project, project.start());
    let project = Project::named("my films 'new' 100% é", 0o755, None);
    let site = project.start();
    assert!(project.location().join("socket/.s.PGSQL.5432").exists());
    check(&project, site);
}

#[test]
fn path_longer_than_a_socket_address_works() {
    let project = Project::named(&["long"; 40].join("/"), 0o755, None);
    let site = project.start();
    assert!(site.url.contains("@%2Ftmp%2Fexample-"), "{}", site.url);
    let second = project.start();
    assert_eq!(site.url, second.url);
    let socket = site.url.split(['@', '/']).nth(3).unwrap().replace("%2F", "/");
    assert_eq!(mode(socket.as_ref()), 0o700);
    site.stop();
    check(&project, second);
    assert!(!fs::exists(&socket).unwrap(), "{socket} is left behind");
    // Any user may create that name first.
    fs::create_dir(&socket).unwrap();
    std::os::unix::fs::chown(&socket, Some(4321), None).unwrap_or_default();
    let failure = project.spawn().failure();
    assert!(failure.contains("is not a directory that only"), "{failure}");
    fs::remove_dir(&socket).unwrap();
    symlink("/tmp", &socket).unwrap();
    let failure = project.spawn().failure();
    assert!(failure.contains("is not a directory that only"), "{failure}");
    fs::remove_file(&socket).unwrap();
}

#[test]
fn symlink_is_refused_and_its_target_unchanged() {
    let project = Project::new();
    project.start().stop();
    let target = project.path.join("target");
    for name in ["start.lock", "postgres.log", "postgres/users.lock"] {
        fs::write(&target, "x\n".repeat(5_000_001)).unwrap();
        let file = project.directory().join(name);
        fs::remove_file(&file).unwrap();
        symlink(&target, &file).unwrap();
        let failure = project.spawn().failure();
        assert!(failure.contains(name) && failure.contains("must not be a link"), "{failure}");
        assert_eq!(fs::metadata(&target).unwrap().len(), 10_000_002, "{name}");
        fs::remove_file(&file).unwrap();
    }
    check(&project, project.start());
}

#[test]
fn file_of_another_user_is_refused() {
    if needs_root() {
        return;
    }
    let project = Project::named("site", 0o755, Some(user("nobody")));
    project.start().stop();
    let log = project.directory().join("postgres.log");
    std::os::unix::fs::chown(&log, Some(4321), None).unwrap();
    let failure = project.spawn_as_owner().failure();
    assert!(failure.contains("postgres.log"), "{failure}");
    let failure = project.spawn().failure();
    assert!(failure.contains("is not a file of the directory's owner"), "{failure}");
}
