//! `marquee import`

use std::fs::File;
use std::path::Path;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use marquee::catalog::demo;
use marquee::catalog::import::{self, Input, Options, Problem, Summary};
use marquee::config::{Import, Settings};
use marquee::db;

use super::Database;

pub async fn run(settings: &Settings, import: Import) -> anyhow::Result<()> {
    // A file that is not there should not cost a database start.
    let files = import.files.iter().map(|path| open(path)).collect::<anyhow::Result<Vec<_>>>()?;
    let database = Database::open(settings).await?;
    let imported = into(database.url(), files, import).await;
    database.close().await?;
    println!("{}", imported?);
    Ok(())
}

async fn into(url: &str, files: Vec<(String, File)>, import: Import) -> anyhow::Result<Summary> {
    let mut conn = db::connect(url).await?;
    if import.demo {
        return demo::load(&mut conn).await;
    }
    let Import { replace, source, licence, .. } = import;
    let options = Options { source, licence, replace };
    let bar = progress_bar(&files)?;
    let inputs = files
        .into_iter()
        .map(|(name, file)| Input { name, bytes: Box::new(bar.wrap_read(file)) })
        .collect();
    let mut report = |problem: &Problem<'_>| bar.suspend(|| eprintln!("{problem}"));
    let summary = import::run(&mut conn, inputs, &options, &mut report).await;
    bar.finish_and_clear();
    summary.context("nothing was imported")
}

fn open(path: &Path) -> anyhow::Result<(String, File)> {
    let name = path.display().to_string();
    let file = File::open(path).with_context(|| name.clone())?;
    anyhow::ensure!(!file.metadata()?.is_dir(), "{name}: this is a folder");
    Ok((name, file))
}

/// Over the bytes of all files; on a terminal only.
fn progress_bar(files: &[(String, File)]) -> anyhow::Result<ProgressBar> {
    let mut bytes = 0;
    for (_, file) in files {
        bytes += file.metadata()?.len();
    }
    let style = "{wide_bar} {bytes}/{total_bytes} {elapsed} (about {eta} left)";
    Ok(ProgressBar::new(bytes).with_style(ProgressStyle::with_template(style)?))
}
