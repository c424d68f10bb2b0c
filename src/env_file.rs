//! The file of settings: the one that `--env-file` names, or `.env`.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// The variables of the file that was loaded; empty without a file.
#[derive(Debug, Default)]
pub struct EnvFile {
    pub names: Vec<String>,
}

impl EnvFile {
    /// Adds the variables of the file to the environment; those that are set already win. Must run
    /// before clap reads the environment.
    ///
    /// # Errors
    /// When the file that `--env-file` names cannot be read, or a line is not `NAME=value`.
    pub fn load() -> anyhow::Result<Self> {
        let path = match requested(env::args_os().filter_map(|arg| arg.into_string().ok())) {
            Some(path) => {
                dotenvy::from_path(&path)
                    .with_context(|| format!("--env-file {}", path.display()))?;
                path
            }
            None => match dotenvy::dotenv() {
                Ok(path) => path,
                Err(error) if error.not_found() => return Ok(Self::default()),
                Err(error) => return Err(error).context(".env"),
            },
        };
        Ok(Self { names: names(&path)? })
    }
}

/// Returns the value of `--env-file`, which clap would parse too late.
fn requested(mut args: impl Iterator<Item = String>) -> Option<PathBuf> {
    while let Some(arg) = args.next() {
        if arg == "--env-file" {
            return args.next().map(PathBuf::from);
        }
        if let Some(path) = arg.strip_prefix("--env-file=") {
            return Some(PathBuf::from(path));
        }
    }
    None
}

fn names(path: &Path) -> anyhow::Result<Vec<String>> {
    let pairs = dotenvy::from_path_iter(path)?.collect::<Result<Vec<_>, _>>()?;
    Ok(pairs.into_iter().map(|(name, _)| name).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn env_file_is_found_in_both_forms_of_the_flag() {
        let requested = |args: &[&str]| requested(args.iter().map(|&arg| arg.to_owned()));
        let expected = Some(PathBuf::from("/etc/marquee/env"));
        assert_eq!(requested(&["marquee", "migrate", "--env-file", "/etc/marquee/env"]), expected);
        assert_eq!(requested(&["marquee", "--env-file=/etc/marquee/env", "serve"]), expected);
        assert_eq!(requested(&["marquee", "--env-file"]), None);
        assert_eq!(requested(&["marquee", "serve"]), None);
    }
}
