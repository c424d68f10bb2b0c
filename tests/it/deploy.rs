//! Checks the examples in `deploy/` with the programs that they are for.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use clap::CommandFactory;
use marquee::config::Cli;
use tempfile::TempDir;

/// Runs a program that must succeed, and returns its output.
pub fn succeeds(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).env("POSTGRES_PASSWORD", "secret").output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    let printed = [&output.stdout[..], &output.stderr].concat();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&printed));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn systemd_unit_is_valid_and_hardened() {
    let folder = TempDir::new().unwrap();
    let unit = folder.path().join("marquee@8081.service");
    let text = fs::read_to_string("deploy/marquee@.service").unwrap();
    fs::write(&unit, text.replace("/usr/local/bin/marquee", "/bin/true")).unwrap();
    let unit = unit.to_str().unwrap();
    succeeds("systemd-analyze", &["verify", "--man=no", unit]);
    // The exposure level times ten; systemd calls a unit below 2.0 well protected.
    succeeds("systemd-analyze", &["security", "--offline=true", "--threshold=15", unit]);
}

#[test]
fn nginx_configuration_is_valid() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (key, certificate) = (at("key"), at("certificate"));
    let request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=x"];
    succeeds("openssl", &[&request[..], &["-keyout", &key, "-out", &certificate]].concat());
    fs::create_dir(at("snippets")).unwrap();
    fs::copy("deploy/nginx/proxy.conf", at("snippets/marquee.conf")).unwrap();
    let around = format!(
        "pid {}; error_log stderr; events {{}} http {{ access_log off; include {}; }}",
        at("pid"),
        at("site")
    );
    fs::write(at("nginx"), around).unwrap();
    for file in ["site.conf", "compose.conf"] {
        let text = fs::read_to_string(Path::new("deploy/nginx").join(file)).unwrap();
        let lines = text.lines().filter(|line| !line.contains("listen [")).map(|line| {
            // Replaces ports, names and files that a test must not depend on.
            line.replace("listen 80;", &format!("listen unix:{};", at("80")))
                .replace("listen 443 ", &format!("listen unix:{} ", at("443")))
                .replace("/etc/ssl/films.example.pem", &certificate)
                .replace("/etc/ssl/films.example.key", &key)
                .replace("/var/log/nginx/", &at(""))
                .replace("server one:8080", "server 127.0.0.1:8081")
                .replace("server two:8080", "server 127.0.0.1:8082")
        });
        fs::write(at("site"), lines.collect::<Vec<_>>().join("\n")).unwrap();
        succeeds("nginx", &["-t", "-c", &at("nginx")]);
    }
}

#[test]
fn haproxy_configuration_is_valid() {
    succeeds("haproxy", &["-c", "-f", "deploy/haproxy.cfg"]);
}

#[test]
fn compose_file_is_valid_and_hardened() {
    let schema = ["--builtin-schema", "vendor.compose-spec", "deploy/compose.yaml"];
    succeeds("check-jsonschema", &schema);
    let read = succeeds("docker-compose", &["--file", "deploy/compose.yaml", "config"]);
    let settings = Cli::command();
    let settings: BTreeSet<&str> =
        settings.get_arguments().filter_map(|arg| arg.get_env()?.to_str()).collect();
    let site = read.split_once("\n  one:\n").unwrap().1.split_once("\n  postgres:").unwrap().0;
    let names = site.lines().filter_map(|line| line.trim().split_once(": ")).map(|(name, _)| name);
    let names: Vec<&str> = names.filter(|name| name.to_uppercase() == **name).collect();
    assert!(names.contains(&"DATABASE_URL"));
    for name in names {
        assert!(settings.contains(name), "{name} is no setting");
    }
    for lock in ["read_only: true", "- ALL", "- no-new-privileges:true"] {
        assert!(site.contains(lock), "{lock}");
    }
}

/// The compiler is the minimum of `Cargo.toml`, and no source is excluded from the build.
#[test]
fn image_is_built_with_the_required_compiler_and_sources() {
    succeeds("hadolint", &["deploy/Dockerfile"]);
    let image = fs::read_to_string("deploy/Dockerfile").unwrap();
    let project = fs::read_to_string("Cargo.toml").unwrap();
    let version = project.split_once("rust-version = \"").unwrap().1.split('"').next().unwrap();
    assert!(image.contains(&format!("rust:{version}-slim")), "the compiler is not {version}");
    let ignored = fs::read_to_string(".dockerignore").unwrap();
    for needed in ["src", "crates", "templates", "static", "data", "migrations", "Cargo.lock"] {
        assert!(ignored.lines().all(|line| line != needed), "{needed} does not reach the build");
    }
    let run = image.rsplit_once("\nFROM ").unwrap().1;
    assert!(run.contains("\nUSER 65532:65532\n"));
}
