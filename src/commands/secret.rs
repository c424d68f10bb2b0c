//! The secret key of a site that has not been given one.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use marquee::sessions::Secret;
use rand::Rng;
use rand::distr::Alphanumeric;

/// Reads the key kept in `folder`, or makes and keeps one that only this user can read.
pub fn kept_in(folder: &Path) -> anyhow::Result<Secret> {
    let path = folder.join("secret_key");
    let new: String = rand::rng().sample_iter(Alphanumeric).take(64).map(char::from).collect();
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
        Ok(mut file) => file.write_all(new.as_bytes()).map(|()| new),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => fs::read_to_string(&path),
        Err(error) => Err(error),
    }
    .map(Secret::from)
    .with_context(|| path.display().to_string())
}
