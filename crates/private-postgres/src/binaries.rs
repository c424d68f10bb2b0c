//! The Postgres programs installed on this machine.

use std::cmp::Reverse;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{anyhow, bail};

use crate::account::Account;

/// Before version 12, two servers could run on one cluster after a crash.
const MIN_MAJOR: u32 = 12;

/// Where packages install Postgres: the parent of the version directories, the prefix of their names,
/// and the subdirectory with the programs.
const SEARCH_PATHS: [(&str, &str, &str); 7] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/usr/lib", "postgresql", "bin"),
    ("/opt/homebrew/opt", "postgresql", "bin"),
    ("/usr/local/opt", "postgresql", "bin"),
    ("/usr/libexec", "postgresql", ""),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
];

/// The directory with the programs of one Postgres version.
#[derive(Debug)]
pub(crate) struct Binaries {
    directory: PathBuf,
    pub major: u32,
}

impl Binaries {
    /// Finds the programs of version `major`, or of the first version found in `PATH`, by `pg_config`
    /// and in [`SEARCH_PATHS`], newest first. Ignores programs that `account` cannot run.
    pub fn find(account: &Account, major: Option<u32>) -> anyhow::Result<Self> {
        choose(candidates(), account, major)
    }

    pub fn program(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }
}

fn choose(
    candidates: impl Iterator<Item = PathBuf>,
    account: &Account,
    required: Option<u32>,
) -> anyhow::Result<Binaries> {
    let mut others = Vec::new();
    for directory in candidates {
        let Some(major) = version(&directory, account) else { continue };
        if required.map_or(major >= MIN_MAJOR, |required| major == required) {
            return Ok(Binaries { directory, major });
        }
        others.push(format!("PostgreSQL {major} in {}", directory.display()));
    }
    others.sort();
    others.dedup();
    match (required, others.join(", ")) {
        (None, others) if others.is_empty() => Err(not_installed()),
        (None, others) => bail!(
            "PostgreSQL {MIN_MAJOR} or newer is required, but this machine has {others}; install a newer one"
        ),
        (Some(required), others) => bail!(
            "the database was created by PostgreSQL {required}, which is not installed{}; install \
             version {required}",
            if others.is_empty() { others } else { format!(" (found {others})") }
        ),
    }
}

fn candidates() -> impl Iterator<Item = PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let path: Vec<PathBuf> = env::split_paths(&path).filter(|p| p.is_absolute()).collect();
    path.into_iter().chain(pg_config()).chain(SEARCH_PATHS.into_iter().flat_map(versions_in))
}

fn pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim_end()))
}

fn versions_in((parent, prefix, subdirectory): (&str, &str, &str)) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| {
            let name = entry.file_name();
            let name = name.to_str()?.strip_prefix(prefix)?;
            Some((first_number(name).unwrap_or_default(), entry.path().join(subdirectory)))
        })
        .collect();
    found.sort_by_key(|(number, _)| Reverse(*number));
    found.into_iter().map(|(_, directory)| directory).collect()
}

/// Returns the major version in `directory`; `None` unless it has `initdb` and a `postgres` that
/// `account` can run.
fn version(directory: &Path, account: &Account) -> Option<u32> {
    if !directory.join("initdb").is_file() || !directory.join("postgres").is_file() {
        return None;
    }
    let output = account.command(directory.join("postgres")).arg("--version").output().ok()?;
    first_number(&String::from_utf8(output.stdout).ok()?)
}

/// Parses the major version in `postgres (PostgreSQL) 15.18 (Debian …)` and in `@17`.
fn first_number(text: &str) -> Option<u32> {
    text.split(|c: char| !c.is_ascii_digit()).find_map(|digits| digits.parse().ok())
}

fn not_installed() -> anyhow::Error {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    anyhow!("PostgreSQL is not installed; {}", install_command(&release))
}

/// Returns the install command of the system that os-release(5) names, or of one it is derived from.
fn install_command(release: &str) -> &'static str {
    if cfg!(target_os = "macos") {
        return "run `brew install postgresql@17`";
    }
    let commands = [
        ("debian", "run `sudo apt-get install postgresql`"),
        ("ubuntu", "run `sudo apt-get install postgresql`"),
        ("fedora", "run `sudo dnf install postgresql-server`"),
        ("rhel", "run `sudo dnf install postgresql-server`"),
        ("arch", "run `sudo pacman -S postgresql`"),
        ("alpine", "run `sudo apk add postgresql`"),
        ("suse", "run `sudo zypper install postgresql-server`"),
    ];
    let names = release
        .lines()
        .filter_map(|line| line.strip_prefix("ID=").or_else(|| line.strip_prefix("ID_LIKE=")))
        .flat_map(|value| value.trim_matches('"').split_whitespace());
    let command = |name| commands.iter().find(|(id, _)| *id == name).map(|(_, command)| *command);
    names.filter_map(command).next().unwrap_or("install its server with your package manager")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// Creates programs that print this version.
    fn install(root: &Path, name: &str, version: &str) -> PathBuf {
        let directory = root.join(name).join("bin");
        fs::create_dir_all(&directory).unwrap();
        for program in ["initdb", "postgres"] {
            let path = directory.join(program);
            let script =
                format!("#!/bin/sh\necho '{program} (PostgreSQL) {version} (Debian 1.2)'\n");
            fs::write(&path, script).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        directory
    }

    fn current_account() -> Account {
        Account::owner(&fs::metadata("/proc/self").or_else(|_| fs::metadata(".")).unwrap())
    }

    #[test]
    fn search_path_lists_newest_version_first() {
        let root = tempfile::tempdir().unwrap();
        let names = ["postgresql@9.6", "postgresql@17", "postgresql", "postgresql@14", "other"];
        for name in names {
            fs::create_dir(root.path().join(name)).unwrap();
        }
        let parent = root.path().to_str().unwrap();
        let found = versions_in((parent, "postgresql", "bin"));
        let expected = ["postgresql@17", "postgresql@14", "postgresql@9.6", "postgresql"];
        assert_eq!(found, expected.map(|name| root.path().join(name).join("bin")));
    }

    #[test]
    fn existing_cluster_requires_its_own_version() {
        let root = tempfile::tempdir().unwrap();
        let old = install(root.path(), "14", "14.2");
        let new = install(root.path(), "17", "17beta1");
        let both = || [new.clone(), root.path().to_owned(), old.clone()].into_iter();
        assert_eq!(choose(both(), &current_account(), None).unwrap().directory, new);
        assert_eq!(choose(both(), &current_account(), Some(14)).unwrap().directory, old);
        let error = choose(both(), &current_account(), Some(16)).unwrap_err().to_string();
        let expected = "created by PostgreSQL 16, which is not installed (found PostgreSQL";
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn old_or_missing_version_is_reported_with_a_remedy() {
        let root = tempfile::tempdir().unwrap();
        let ancient = install(root.path(), "9.6", "9.6.24");
        let error =
            choose([ancient].into_iter(), &current_account(), None).unwrap_err().to_string();
        let expected = "12 or newer is required, but this machine has PostgreSQL 9 in";
        assert!(error.contains(expected), "{error}");
        let error =
            choose([root.path().to_owned()].into_iter(), &current_account(), None).unwrap_err();
        let error = error.to_string();
        assert!(error.starts_with("PostgreSQL is not installed; "), "{error}");
    }

    #[cfg(not(target_os = "macos"))]
    #[test]
    fn install_command_matches_the_system_or_its_parent() {
        let mint = "NAME=\"Linux Mint\"\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n";
        assert!(install_command(mint).contains("apt-get install postgresql"));
        assert!(install_command("ID=fedora\n").contains("dnf install postgresql-server"));
        assert!(install_command("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"").contains("dnf"));
        assert!(install_command("").contains("package manager"));
    }
}
