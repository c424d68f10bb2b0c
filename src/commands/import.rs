//! `marquee import`

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::Path;

use anyhow::Context;
use encoding_rs::Encoding;
use indicatif::{ProgressBar, ProgressStyle};
use marquee::catalog::demo;
use marquee::catalog::import::{
    self, Input, Mapping, OptionError, Options, Outcome, Plan, Problem, ReadOptions,
};
use marquee::config::{Import, Settings};
use marquee::db;

use super::Database;

/// Problems of one kind that are listed; the report counts the others.
const MAX_LISTED: u64 = 10;

pub async fn run(settings: &Settings, import: Import) -> anyhow::Result<()> {
    // Wrong options and missing files should not cost a database start.
    let options = options(&import)?;
    let bar = ProgressBar::new(0);
    let style = "{wide_bar} {bytes}/{total_bytes} {elapsed} (about {eta} left)";
    bar.set_style(ProgressStyle::with_template(style)?);
    let inputs = import.files.iter().map(|path| open(path, &bar));
    let inputs = inputs.collect::<anyhow::Result<Vec<_>>>()?;
    let database = Database::open(settings).await?;
    let imported = into(database.url(), inputs, &import, &options, &bar).await;
    database.close().await?;
    let plan = imported?;
    if options.dry_run {
        println!("{}", preview(&plan)?);
    }
    println!("{plan}");
    if let Some(refusal) = plan.refusal {
        anyhow::bail!("{refusal}");
    }
    Ok(())
}

fn options(import: &Import) -> anyhow::Result<Options> {
    let encoding = match &import.encoding {
        Some(name) => Some(Encoding::for_label(name.as_bytes()).ok_or_else(|| {
            OptionError(format!(
                "--encoding {name}: not a known encoding; utf-8, windows-1252 and utf-16le are some"
            ))
        })?),
        None => None,
    };
    if let Some(format) = &import.date_format
        && chrono::format::StrftimeItems::new(format).parse().is_err()
    {
        let message = format!("--date-format {format:?}: not a format such as \"%d/%m/%Y\"");
        return Err(OptionError(message).into());
    }
    let delimiter = match import.delimiter {
        Some(delimiter) => {
            Some(u8::try_from(delimiter).ok().filter(u8::is_ascii).ok_or_else(|| {
                OptionError(format!("--delimiter {delimiter:?}: not an ASCII character"))
            })?)
        }
        None => None,
    };
    let defaults = Options::default();
    Ok(Options {
        source: import.source.clone().unwrap_or(defaults.source),
        licence: import.licence.clone(),
        require_films: true,
        replace: import.replace,
        remove_most: import.remove_most,
        dry_run: import.dry_run,
        read: ReadOptions {
            format: import.format,
            encoding,
            mapping: Mapping::new(&import.map, import.separators.as_deref(), &import.r#where)?,
            delimiter,
            date_format: import.date_format.clone(),
            clear_blank: import.clear_blank,
            title_types: import.title_types.clone(),
            min_votes: import.min_votes,
            list: import.source.clone(),
        },
    })
}

async fn into(
    url: &str,
    inputs: Vec<Input>,
    import: &Import,
    options: &Options,
    bar: &ProgressBar,
) -> anyhow::Result<Plan> {
    let mut conn = db::connect(url).await?;
    if import.demo {
        return demo::load(&mut conn).await;
    }
    let mut met: BTreeMap<&str, u64> = BTreeMap::new();
    let mut report = |problem: &Problem| {
        let times = met.entry(problem.cause).or_default();
        *times += 1;
        // A column is reported once; all of them are listed.
        let is_listed =
            import.all_problems || *times <= MAX_LISTED || problem.outcome == Outcome::Unused;
        if is_listed {
            bar.suspend(|| eprintln!("{problem}"));
        } else if *times == MAX_LISTED + 1 {
            bar.suspend(|| {
                eprintln!("… further problems of this kind are counted; --all-problems lists each");
            });
        }
    };
    let imported = import::run(&mut conn, inputs, options, &mut report).await;
    bar.finish_and_clear();
    imported.context("nothing was imported")
}

/// Returns what a dry run found beside the counts: films as they would be stored, and removed.
fn preview(plan: &Plan) -> anyhow::Result<String> {
    let mut lines = vec!["Nothing was stored. The first films as they would be:".to_owned()];
    for movie in &plan.samples {
        lines.push(format!("    {}", serde_json::to_string(movie)?));
    }
    if plan.removed > 0 {
        lines.push(format!("{} films would be removed, among them:", plan.removed));
        lines.extend(plan.removed_titles.iter().map(|title| format!("    {title}")));
    }
    Ok(lines.join("\n"))
}

/// Opens a file, a folder, or standard input for `-`.
fn open(path: &Path, bar: &ProgressBar) -> anyhow::Result<Input> {
    if path.as_os_str() == "-" {
        return Ok(Input::new("standard input", bar.wrap_read(io::stdin())));
    }
    let name = path.display().to_string();
    let file = File::open(path).with_context(|| name.clone())?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Input::folder(path);
    }
    bar.inc_length(metadata.len());
    Ok(Input::new(name, bar.wrap_read(file)))
}
