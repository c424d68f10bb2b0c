//! Creation of the database cluster, completely or not at all.

use std::fs::{self, File};
use std::process;
use std::time::SystemTime;

use anyhow::{Context, bail};

use crate::binaries::Binaries;
use crate::directory::read;
use crate::location::{Location, remove_if_present};

/// Prefix of the directory in which initdb works before the cluster gets its final name.
const UNFINISHED: &str = "data.new-";

/// Returns the major version of the Postgres that created the cluster; `None` without a cluster.
pub(crate) fn major_version(location: &Location) -> anyhow::Result<Option<u32>> {
    let data = location.data();
    if !data.try_exists().with_context(|| format!("{}", data.display()))? {
        return Ok(None);
    }
    let file = data.join("PG_VERSION");
    let shown = file.display();
    let text = read(&file).with_context(|| format!("cannot read {shown}"))?;
    let major = text.trim_end().split('.').next().and_then(|major| major.parse().ok());
    Ok(Some(major.with_context(|| format!("{shown} holds no version number"))?))
}

/// Creates the cluster if there is none. The caller must hold the start lock.
pub(crate) fn create_if_missing(location: &Location) -> anyhow::Result<()> {
    if major_version(location)?.is_some() {
        return Ok(());
    }
    let binaries = Binaries::find(&location.account, None)?;
    let path = location.path();
    log::info!("Creating a PostgreSQL {} database in {}", binaries.major, path.display());
    remove_unfinished(location);
    // A socket without a cluster is left over from a server whose cluster was deleted.
    remove_if_present(&location.socket())?;
    remove_if_present(&location.socket_lock())?;
    // The name is unique, as the initdb of a killed process may still be removing its own directory.
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let unfinished = path.join(format!("{UNFINISHED}{}-{}", process::id(), now.as_nanos()));
    let mut error = String::new();
    for locale in ["C.UTF-8", "C"] {
        let mut initdb = location.account.command(binaries.program("initdb"));
        initdb.args(["-U", &location.name, "-A", "trust", "-E", "UTF8", "--locale", locale, "-D"]);
        let output = initdb.arg(&unfinished).output().context("cannot run initdb")?;
        if output.status.success() {
            fs::rename(&unfinished, location.data()).context("cannot rename the new cluster")?;
            File::open(path)?.sync_all().context("cannot sync the new cluster to disk")?;
            return Ok(());
        }
        error = String::from_utf8_lossy(&output.stderr).trim_end().to_owned();
    }
    bail!("initdb, run as {}, failed:\n{error}", location.account)
}

/// Removes what a killed process left behind. A failure is harmless, as the directory stays unused.
fn remove_unfinished(location: &Location) {
    let entries = fs::read_dir(location.path()).into_iter().flatten().flatten();
    for entry in entries {
        if entry.file_name().as_encoded_bytes().starts_with(UNFINISHED.as_bytes())
            && let Err(error) = fs::remove_dir_all(entry.path())
        {
            log::warn!("cannot remove {}: {error}", entry.path().display());
        }
    }
}
