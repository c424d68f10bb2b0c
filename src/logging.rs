//! The log: lines for people, or JSON for what collects them.

use std::io::{self, Write};
use std::panic;

use chrono::{SecondsFormat, Utc};
use clap::ValueEnum;
use env_logger::fmt::Formatter;
use env_logger::{Builder, Env};
use log::kv::{self, Key, VisitSource};
use log::{LevelFilter, Record};
use serde::Serialize;
use serde_json::{Map, Value};

/// How a line of the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people: time, level, part of the program, message, then names and values.
    Text,
    /// One JSON object a line.
    Json,
}

/// Would write out the values of statements, sessions and their hashed keys among them.
const TELLTALE: &str = "tokio_postgres::query";

/// Once, before anything is logged. `RUST_LOG` says what is, but for what is a visitor's alone; a
/// panic is, too.
pub fn start(form: LogFormat) {
    let mut builder = Builder::from_env(Env::default().default_filter_or("info"));
    builder.filter_module(TELLTALE, LevelFilter::Info);
    if form == LogFormat::Json {
        builder.format(json);
    }
    builder.init();
    panic::set_hook(Box::new(|panic| log::error!("{}", panic.to_string().replace('\n', " "))));
}

#[derive(Serialize)]
struct Line<'a> {
    time: String,
    level: &'static str,
    target: &'a str,
    message: String,
    #[serde(flatten)]
    values: Values,
}

/// The names and values that stand beside a message.
#[derive(Default, Serialize)]
#[serde(transparent)]
struct Values(Map<String, Value>);

impl<'a> VisitSource<'a> for Values {
    fn visit_pair(&mut self, name: Key<'a>, value: kv::Value<'a>) -> Result<(), kv::Error> {
        let value = serde_json::to_value(&value).map_err(kv::Error::boxed)?;
        self.0.insert(name.to_string(), value);
        Ok(())
    }
}

fn json(out: &mut Formatter, record: &Record<'_>) -> io::Result<()> {
    let mut values = Values::default();
    record.key_values().visit(&mut values).map_err(io::Error::other)?;
    let line = Line {
        time: Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true),
        level: record.level().as_str(),
        target: record.target(),
        message: record.args().to_string(),
        values,
    };
    serde_json::to_writer(&mut *out, &line)?;
    out.write_all(b"\n")
}
