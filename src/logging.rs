//! Logging to stderr, as text or JSON.

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

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Time, level, module, message, then key-value pairs.
    Text,
    /// One JSON object per line.
    Json,
}

/// Below the level `info` this module logs the parameters of statements, among them sessions and their
/// hashed keys.
const LOGS_PARAMETERS: &str = "tokio_postgres::query";

/// Initializes the logger; must be called once. `RUST_LOG` sets the levels, but cannot turn on the
/// logging of visitors' data. Panics are logged as errors.
pub fn init(format: LogFormat) {
    let mut builder = Builder::from_env(Env::default().default_filter_or("info"));
    builder.filter_module(LOGS_PARAMETERS, LevelFilter::Info);
    if format == LogFormat::Json {
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

/// The key-value pairs of a record.
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
