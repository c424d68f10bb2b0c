//! `marquee export`

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use flate2::Compression;
use flate2::write::GzEncoder;
use marquee::catalog::export;
use marquee::config::{Export, Settings};
use marquee::db;
use nix::libc::{O_NOFOLLOW, O_NONBLOCK};

use super::Database;

pub async fn run(settings: &Settings, export: Export) -> anyhow::Result<()> {
    let database = Database::open(settings).await?;
    let written = write(database.url(), export.file.as_deref()).await;
    database.close().await?;
    written
}

async fn write(url: &str, file: Option<&Path>) -> anyhow::Result<()> {
    let mut conn = db::connect(url).await?;
    let Some(file) = file else {
        let mut out = BufWriter::new(io::stdout().lock());
        export::run(&mut conn, &mut out).await?;
        return Ok(out.flush()?);
    };
    // Under its own name only when it is whole.
    let unfinished = PathBuf::from(format!("{}.part", file.display()));
    // Others may write to the folder: a link of that name could lead anywhere.
    let mut options = File::options();
    options.write(true).create(true).truncate(true).custom_flags(O_NOFOLLOW | O_NONBLOCK);
    let out = BufWriter::new(options.open(&unfinished).context(unfinished.display().to_string())?);
    let exported = match file.extension().is_some_and(|extension| extension == "gz") {
        true => {
            let mut out = GzEncoder::new(out, Compression::default());
            let exported = export::run(&mut conn, &mut out).await?;
            out.finish()?.into_inner()?.sync_all()?;
            exported
        }
        false => {
            let mut out = out;
            let exported = export::run(&mut conn, &mut out).await?;
            out.into_inner()?.sync_all()?;
            exported
        }
    };
    fs::rename(&unfinished, file).with_context(|| file.display().to_string())?;
    eprintln!("{}: {exported}", file.display());
    Ok(())
}
