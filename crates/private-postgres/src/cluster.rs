//! Making the cluster, whole or not at all.

use std::fs::{self, File};
use std::process;
use std::time::SystemTime;

use anyhow::{Context, bail};

use crate::NAME;
use crate::binaries::Binaries;
use crate::home::{Home, remove_if_there};

const UNFINISHED: &str = "data.new-";

/// Major version of the Postgres that made the cluster; `None` without a cluster.
pub fn major(home: &Home) -> anyhow::Result<Option<u32>> {
    let data = home.data();
    if !data.try_exists().with_context(|| format!("{}", data.display()))? {
        return Ok(None);
    }
    let file = data.join("PG_VERSION");
    let shown = file.display();
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {shown}"))?;
    let major = text.trim_end().split('.').next().and_then(|major| major.parse().ok());
    Ok(Some(major.with_context(|| format!("{shown} holds no version: {text:?}"))?))
}

/// Call with the start lock held.
pub fn make_if_absent(home: &Home) -> anyhow::Result<()> {
    if major(home)?.is_some() {
        return Ok(());
    }
    let binaries = Binaries::find(&home.account, None)?;
    log::info!("Making a database with PostgreSQL {} in {}", binaries.major, home.path().display());
    remove_unfinished(home);
    // A socket here would be that of a server whose cluster was deleted.
    remove_if_there(&home.socket())?;
    remove_if_there(&home.socket_lock())?;
    // A name of its own: an `initdb` left behind by a killed process cleans up after itself.
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let fresh = home.path().join(format!("{UNFINISHED}{}-{}", process::id(), now.as_nanos()));
    let mut said = String::new();
    for locale in ["C.UTF-8", "C"] {
        let mut initdb = home.account.command(binaries.program("initdb"));
        initdb.args(["-U", NAME, "-A", "trust", "-E", "UTF8", "--locale", locale, "-D"]);
        let output = initdb.arg(&fresh).output().context("cannot run initdb")?;
        if output.status.success() {
            fs::rename(&fresh, home.data()).context("cannot name the new cluster")?;
            File::open(home.path())?.sync_all().context("cannot keep the new cluster")?;
            return Ok(());
        }
        said = String::from_utf8_lossy(&output.stderr).trim_end().to_owned();
    }
    bail!("initdb, run as {}, failed:\n{said}", home.account)
}

/// What a process killed in the middle left. Failing is harmless: nothing will use it.
fn remove_unfinished(home: &Home) {
    let entries = fs::read_dir(home.path()).into_iter().flatten().flatten();
    for entry in entries {
        if entry.file_name().as_encoded_bytes().starts_with(UNFINISHED.as_bytes())
            && let Err(error) = fs::remove_dir_all(entry.path())
        {
            log::warn!("cannot remove {}: {error}", entry.path().display());
        }
    }
}
