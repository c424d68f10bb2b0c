//! One binary for every test that needs a database, a running site or a browser.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod backup;
mod browser;
mod catalogue;
mod certificates;
mod cluster;
mod commands;
mod demo;
mod dependencies;
mod deploy;
mod deployment;
mod directors;
mod encryption;
mod errors;
mod facets;
mod faults;
mod feed;
mod filters;
mod fresh_pages;
mod gathering;
mod guard;
mod health;
mod home;
mod import;
mod import_forms;
mod import_tables;
mod limits;
mod logging;
mod metrics;
mod movies;
mod odd_requests;
mod preferences;
mod probe;
mod program;
mod related;
mod replicas;
mod representations;
mod search;
mod search_quality;
mod sessions;
mod sitemap;
mod statements;
mod support;
mod tidy;
mod visitor;
