//! Commands that show and change single records.

use clap::Args;

use super::Author;
use crate::catalog::editing::Kind;

#[derive(Debug, Args)]
pub struct Record {
    /// Kind of the record
    #[arg(value_enum)]
    pub kind: Kind,
    /// Its name in URLs
    pub slug: String,
}

#[derive(Debug, Args)]
pub struct Records {
    /// Kind of the records
    #[arg(value_enum)]
    pub kind: Kind,
    /// Their names in URLs
    #[arg(required = true)]
    pub slugs: Vec<String>,
    #[command(flatten)]
    pub by: By,
}

/// The author of a change, and the reason.
#[derive(Debug, Args)]
pub struct By {
    #[command(flatten)]
    pub author: Author,
    /// Reason for the history
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

#[derive(Debug, Args)]
pub struct Edit {
    #[command(flatten)]
    pub record: Record,
    /// New values; repeat a field to give it several, and leave the value out to clear it
    #[arg(required = true, value_name = "FIELD=VALUE")]
    pub values: Vec<String>,
    /// Version that the change is meant for; fails if another change of the field came after it
    #[arg(long, value_name = "N")]
    pub version: Option<i32>,
    #[command(flatten)]
    pub by: By,
}

#[derive(Debug, Args)]
pub struct Merge {
    /// Kind of the records
    #[arg(value_enum)]
    pub kind: Kind,
    /// Name in URLs of the record that goes to the trash
    pub from: String,
    /// Name in URLs of the record that remains
    pub into: String,
    #[command(flatten)]
    pub by: By,
}

#[derive(Debug, Args)]
pub struct History {
    /// Kind of the record
    #[arg(value_enum, requires = "slug")]
    pub kind: Option<Kind>,
    /// Its name in URLs
    pub slug: Option<String>,
    /// Number of entries to show
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: u32,
}

#[derive(Debug, Args)]
pub struct Undo {
    /// Number of the change, as `marquee history` shows it
    pub change: i64,
    #[command(flatten)]
    pub by: By,
}
