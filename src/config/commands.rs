//! The commands of the program and their options.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::records::{Edit, History, Merge, Record, Records, Undo};
use crate::catalog::import::Format;
use crate::operators::Role;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the site (the default)
    Serve,
    /// Apply pending database migrations
    Migrate,
    /// Import films from JSON, CSV, XML or the files of film databases
    Import(Import),
    /// Export the whole catalogue as JSON lines
    Export(Export),
    /// Print a film, director, tag or notice as a JSON line
    Show(Record),
    /// Change facts of a film, director, tag or notice
    Edit(Edit),
    /// Move films, directors, tags or notices to the trash
    Remove(Records),
    /// Restore records from the trash
    Restore(Records),
    /// Merge a film, director or tag into another one
    Merge(Merge),
    /// Print the history, the latest change first
    History(History),
    /// Undo a change of the history
    Undo(Undo),
    /// List, set and remove the notices on top of every page
    Notices(Notices),
    /// Delete expired sessions
    #[command(alias = "clearsessions")]
    ClearSessions(ClearSessions),
    /// List, add and change the operators, who edit the site in the browser
    Operators(Operators),
    /// Print the effective settings and validate them
    Check(Check),
}

/// Whom a command's changes are attributed to.
#[derive(Debug, Clone, Args)]
pub struct Author {
    /// Attribute the change to this operator; default: the command line and the system's user
    #[arg(long = "as", global = true, value_name = "OPERATOR")]
    pub operator: Option<String>,
}

#[derive(Debug, Args)]
pub struct Operators {
    /// List all operators if there is no subcommand
    #[command(subcommand)]
    pub action: Option<OperatorAction>,

    #[command(flatten)]
    pub author: Author,
}

#[derive(Debug, Subcommand)]
pub enum OperatorAction {
    /// Add an operator and print the link to set a password
    Add {
        /// Name to log in with: a to z, digits, dots, hyphens and underscores
        name: String,
        /// Name for readers
        #[arg(long, value_name = "NAME", default_value = "")]
        display_name: String,
        /// Rights of the operator; default: owner for the first one, else editor
        #[arg(long, value_enum)]
        role: Option<Role>,
    },
    /// Print a new link to set a password; earlier links become invalid
    Link { name: String },
    /// Change what an operator may do
    Role {
        name: String,
        #[arg(value_enum)]
        role: Role,
    },
    /// Prevent an operator from logging in, and end all sessions
    Disable { name: String },
    /// Let a disabled operator log in again
    Enable { name: String },
    /// List the sessions of an operator
    Sessions { name: String },
    /// End the sessions of an operator, or of all
    LogOut {
        #[arg(required_unless_present = "all")]
        name: Option<String>,
        #[arg(long, conflicts_with = "name")]
        all: bool,
    },
    /// Remove the second factor of an operator who has lost it
    ResetSecondFactor { name: String },
}

#[derive(Debug, Clone, Copy, Args)]
pub struct ClearSessions {
    /// Only count them
    #[arg(long)]
    pub dry_run: bool,

    /// Number of sessions to delete in one transaction
    #[arg(long, value_name = "N", default_value_t = 1000,
          value_parser = clap::value_parser!(u16).range(1..))]
    pub batch: u16,

    /// Start no transaction after this time
    #[arg(long, value_name = "SECONDS")]
    pub max_seconds: Option<u64>,
}

#[derive(Debug, Args)]
pub struct Notices {
    /// List all notices if there is no subcommand
    #[command(subcommand)]
    pub change: Option<ChangeNotice>,
}

#[derive(Debug, Subcommand)]
pub enum ChangeNotice {
    /// Add or replace a notice; resets dismissals
    Set {
        /// Name of the notice: a to z, digits and hyphens
        slug: String,
        /// Text that visitors see
        text: String,
        /// Show it as a warning instead of as information
        #[arg(long)]
        warning: bool,
        /// Store it without showing it
        #[arg(long)]
        inactive: bool,
    },
    /// Remove a notice
    Remove {
        /// Name of the notice
        slug: String,
    },
}

#[derive(Debug, Clone, Copy, Args)]
pub struct Check {
    /// Connect to every server and warn about what is unsafe in production
    #[arg(long)]
    pub deploy: bool,

    /// Print the routes of the admin instead, with the roles that may use them
    #[arg(long, conflicts_with = "deploy")]
    pub routes: bool,
}

#[derive(Debug, Args)]
pub struct Import {
    /// Files, folders of .nfo files, or - for standard input; all are imported, or none
    #[arg(required_unless_present = "demo")]
    pub files: Vec<PathBuf>,

    /// Import the demonstration catalogue that the program carries
    #[arg(long, conflicts_with_all = ["files", "replace", "dry_run"])]
    pub demo: bool,

    /// Show what the import would do, without storing anything
    #[arg(long)]
    pub dry_run: bool,

    /// Format of the files; default: detected for each
    #[arg(long, value_enum)]
    pub format: Option<Format>,

    /// Columns of CSV, JSON or XML and the fields they hold, as `title=Name,year=Jahr`
    #[arg(long, value_name = "FIELD=COLUMN", value_delimiter = ',')]
    pub map: Vec<String>,

    /// Import only records with that value, as "Type=Movie" or "Type!=Series"; may be repeated
    #[arg(long = "where", value_name = "COLUMN=VALUE")]
    pub r#where: Vec<String>,

    /// Delimiters of several values in one cell, as ";" or "/,"; default: found in each cell
    #[arg(long, value_name = "CHARACTERS")]
    pub separators: Option<String>,

    /// Delimiter of the columns of a table; default: found in its header
    #[arg(long, value_name = "CHARACTER")]
    pub delimiter: Option<char>,

    /// Format of dates, as "%d/%m/%Y"; default: ISO 8601 and other common forms
    #[arg(long, value_name = "FORMAT")]
    pub date_format: Option<String>,

    /// Encoding of the files, as windows-1252; default: UTF-8, or what a file declares
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,

    /// Types of IMDb's titles that count as films
    #[arg(long, value_name = "TYPE", value_delimiter = ',', default_value = "movie,tvMovie")]
    pub title_types: Vec<String>,

    /// Exclude IMDb's films with fewer votes (needs title.ratings)
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub min_votes: u32,

    /// Let blank values remove facts that are stored
    #[arg(long)]
    pub clear_blank: bool,

    /// Remove every film that the files do not hold
    #[arg(long)]
    pub replace: bool,

    /// Let --replace leave fewer than half as many films
    #[arg(long, requires = "replace")]
    pub remove_most: bool,

    /// Name of the list: the source of its texts, and the owner of its `id` values
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,

    /// Licence of texts that do not name one
    #[arg(long, value_name = "LICENCE", default_value = "not stated")]
    pub licence: String,

    /// List every problem, not only the first of each kind
    #[arg(long)]
    pub all_problems: bool,
}

#[derive(Debug, Args)]
pub struct Export {
    /// File to write, compressed if its name ends in .gz; unset: standard output
    pub file: Option<PathBuf>,
}
