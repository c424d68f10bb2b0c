//! The machine's Postgres programs.

use std::cmp::Reverse;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{anyhow, bail};

use crate::account::Account;

/// Before 12 two servers could meet in one cluster after a crash.
const OLDEST: u32 = 12;

/// Folders of versions, the beginning of their names, and where the programs are below.
const PLACES: [(&str, &str, &str); 7] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/usr/lib", "postgresql", "bin"),
    ("/opt/homebrew/opt", "postgresql", "bin"),
    ("/usr/local/opt", "postgresql", "bin"),
    ("/usr/libexec", "postgresql", ""),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
];

#[derive(Debug)]
pub struct Binaries {
    pub folder: PathBuf,
    pub major: u32,
}

impl Binaries {
    /// Those of version `major`, without one the first found: `PATH`, `pg_config`, newest of the
    /// usual places. Only what `account` can run counts.
    pub fn find(account: &Account, major: Option<u32>) -> anyhow::Result<Self> {
        choose(candidates(), account, major)
    }

    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

fn choose(
    candidates: impl Iterator<Item = PathBuf>,
    account: &Account,
    wanted: Option<u32>,
) -> anyhow::Result<Binaries> {
    let mut others = Vec::new();
    for folder in candidates {
        let Some(major) = version(&folder, account) else { continue };
        if wanted.map_or(major >= OLDEST, |wanted| major == wanted) {
            return Ok(Binaries { folder, major });
        }
        others.push(format!("PostgreSQL {major} in {}", folder.display()));
    }
    others.sort();
    others.dedup();
    match (wanted, others.join(", ")) {
        (None, others) if others.is_empty() => Err(not_installed()),
        (None, others) => bail!(
            "PostgreSQL {OLDEST} or newer is needed, found {others}; \
             install it, or set DATABASE_URL to a server you have"
        ),
        (Some(wanted), others) => bail!(
            "The database here was made by PostgreSQL {wanted}, which this machine has not{}; \
             install version {wanted}, or set DATABASE_URL to a server you have",
            if others.is_empty() { others } else { format!(" (found {others})") }
        ),
    }
}

fn candidates() -> impl Iterator<Item = PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let path: Vec<PathBuf> = env::split_paths(&path).filter(|p| p.is_absolute()).collect();
    path.into_iter().chain(pg_config()).chain(PLACES.into_iter().flat_map(versions_in))
}

fn pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim_end()))
}

fn versions_in((place, prefix, below): (&str, &str, &str)) -> Vec<PathBuf> {
    let entries = fs::read_dir(place).into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| {
            let name = entry.file_name();
            let name = name.to_str()?.strip_prefix(prefix)?;
            Some((first_number(name).unwrap_or_default(), entry.path().join(below)))
        })
        .collect();
    found.sort_by_key(|(number, _)| Reverse(*number));
    found.into_iter().map(|(_, folder)| folder).collect()
}

/// `None` unless `initdb` and a `postgres` that `account` can run are there.
fn version(folder: &Path, account: &Account) -> Option<u32> {
    if !folder.join("initdb").is_file() || !folder.join("postgres").is_file() {
        return None;
    }
    let output = account.command(folder.join("postgres")).arg("--version").output().ok()?;
    first_number(&String::from_utf8(output.stdout).ok()?)
}

/// The major one of `postgres (PostgreSQL) 15.18 (Debian …)` and of `@17`.
fn first_number(text: &str) -> Option<u32> {
    text.split(|c: char| !c.is_ascii_digit()).find_map(|digits| digits.parse().ok())
}

fn not_installed() -> anyhow::Error {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let how = install_command(&release);
    anyhow!("PostgreSQL is not installed: {how}, or set DATABASE_URL to a server you have")
}

/// From what os-release(5) says of the system and its relatives.
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
    let command = |name| commands.iter().find(|(id, _)| *id == name).map(|(_, how)| *how);
    names.filter_map(command).next().unwrap_or("install its server with your package manager")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A folder of programs that say they are of this version.
    fn programs(root: &Path, name: &str, version: &str) -> PathBuf {
        let folder = root.join(name).join("bin");
        fs::create_dir_all(&folder).unwrap();
        for program in ["initdb", "postgres"] {
            let path = folder.join(program);
            let script =
                format!("#!/bin/sh\necho '{program} (PostgreSQL) {version} (Debian 1.2)'\n");
            fs::write(&path, script).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        folder
    }

    fn us() -> Account {
        Account::of(&fs::metadata("/proc/self").or_else(|_| fs::metadata(".")).unwrap())
    }

    #[test]
    fn the_newest_version_of_a_place_comes_first() {
        let root = tempfile::tempdir().unwrap();
        let names = ["postgresql@9.6", "postgresql@17", "postgresql", "postgresql@14", "other"];
        for name in names {
            fs::create_dir(root.path().join(name)).unwrap();
        }
        let place = root.path().to_str().unwrap();
        let found = versions_in((place, "postgresql", "bin"));
        let expected = ["postgresql@17", "postgresql@14", "postgresql@9.6", "postgresql"];
        assert_eq!(found, expected.map(|name| root.path().join(name).join("bin")));
    }

    #[test]
    fn a_cluster_is_given_to_its_own_version_only() {
        let root = tempfile::tempdir().unwrap();
        let old = programs(root.path(), "14", "14.2");
        let new = programs(root.path(), "17", "17beta1");
        let both = || [new.clone(), root.path().to_owned(), old.clone()].into_iter();
        assert_eq!(choose(both(), &us(), None).unwrap().folder, new);
        assert_eq!(choose(both(), &us(), Some(14)).unwrap().folder, old);
        let error = choose(both(), &us(), Some(16)).unwrap_err().to_string();
        assert!(
            error.contains("made by PostgreSQL 16, which this machine has not (found"),
            "{error}"
        );
        assert!(error.contains("DATABASE_URL"), "{error}");
    }

    #[test]
    fn programs_too_old_or_absent_are_told_with_a_remedy() {
        let root = tempfile::tempdir().unwrap();
        let ancient = programs(root.path(), "9.6", "9.6.24");
        let error = choose([ancient].into_iter(), &us(), None).unwrap_err().to_string();
        assert!(error.contains("12 or newer is needed, found PostgreSQL 9 in"), "{error}");
        let error = choose([root.path().to_owned()].into_iter(), &us(), None).unwrap_err();
        let error = error.to_string();
        assert!(error.starts_with("PostgreSQL is not installed: "), "{error}");
        assert!(error.contains("DATABASE_URL"), "{error}");
    }

    #[cfg(not(target_os = "macos"))]
    #[test]
    fn the_install_command_is_that_of_the_system_or_its_relative() {
        let mint = "NAME=\"Linux Mint\"\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n";
        assert!(install_command(mint).contains("apt-get install postgresql"));
        assert!(install_command("ID=fedora\n").contains("dnf install postgresql-server"));
        assert!(install_command("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"").contains("dnf"));
        assert!(install_command("").contains("package manager"));
    }
}
