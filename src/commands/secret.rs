//! A generated secret key, for a site that has not been given one.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use marquee::sessions::Secret;
use nix::libc::{O_NOFOLLOW, O_NONBLOCK};
use rand::Rng;
use rand::distr::Alphanumeric;

/// Loads the key in `directory`, or generates one and stores it, readable by this user alone. Another
/// user may own the directory, so a link is not followed.
pub fn load_or_generate(directory: &Path) -> anyhow::Result<Secret> {
    let path = directory.join("secret_key");
    let new: String = rand::rng().sample_iter(Alphanumeric).take(64).map(char::from).collect();
    let mut options = File::options();
    options.custom_flags(O_NOFOLLOW | O_NONBLOCK);
    match options.clone().write(true).create_new(true).mode(0o600).open(&path) {
        Ok(mut file) => file.write_all(new.as_bytes()).map(|()| new),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            options.read(true).open(&path).and_then(read_file)
        }
        Err(error) => Err(error),
    }
    .map(Secret::from)
    .with_context(|| path.display().to_string())
}

fn read_file(mut file: File) -> io::Result<String> {
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut key = String::new();
    file.read_to_string(&mut key)?;
    Ok(key)
}
