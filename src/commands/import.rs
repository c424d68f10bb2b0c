//! `marquee import`

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use anyhow::Context;
use encoding_rs::Encoding;
use indicatif::{ProgressBar, ProgressStyle};
use marquee::catalog::demo;
use marquee::catalog::import::{self, Input, Map, Options, Problem, Reading, Summary};
use marquee::config::{Import, Settings};
use marquee::db;

use super::Database;

/// Problems of one kind that are listed; the summary counts the others.
const LISTED: u64 = 10;

pub async fn run(settings: &Settings, import: Import) -> anyhow::Result<()> {
    // A file that is not there should not cost a database start.
    let files = import.files.iter().map(|path| open(path)).collect::<anyhow::Result<Vec<_>>>()?;
    let reading = reading(&import)?;
    let database = Database::open(settings).await?;
    let imported = into(database.url(), files, import, reading).await;
    database.close().await?;
    println!("{}", imported?);
    Ok(())
}

fn reading(import: &Import) -> anyhow::Result<Reading> {
    let encoding = match &import.encoding {
        Some(name) => {
            let known = Encoding::for_label(name.as_bytes());
            Some(known.with_context(|| format!("--encoding {name}: no such encoding is known"))?)
        }
        None => None,
    };
    Ok(Reading {
        format: import.format,
        encoding,
        map: Map::new(&import.map, import.separators.as_deref())?,
        title_types: import.title_types.clone(),
        min_votes: import.min_votes,
    })
}

async fn into(
    url: &str,
    files: Vec<(String, File)>,
    import: Import,
    reading: Reading,
) -> anyhow::Result<Summary> {
    let mut conn = db::connect(url).await?;
    if import.demo {
        return demo::load(&mut conn).await;
    }
    let Import { replace, source, licence, all_problems, .. } = import;
    let options = Options { source, licence, replace, reading };
    let bar = progress_bar(&files)?;
    let inputs = files
        .into_iter()
        .map(|(name, file)| Input { name, bytes: Box::new(bar.wrap_read(file)) })
        .collect();
    let mut met: BTreeMap<&str, u64> = BTreeMap::new();
    let mut report = |problem: &Problem| {
        let times = met.entry(problem.cause).or_default();
        *times += 1;
        if all_problems || *times <= LISTED {
            bar.suspend(|| eprintln!("{problem}"));
        }
    };
    let summary = import::run(&mut conn, inputs, &options, &mut report).await;
    bar.finish_and_clear();
    let unlisted: u64 = met.values().map(|times| times.saturating_sub(LISTED)).sum();
    if !all_problems && unlisted > 0 {
        eprintln!("… and {unlisted} more; --all-problems lists each");
    }
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
