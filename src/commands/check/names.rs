//! Names that look like misspelt settings.

use std::collections::BTreeSet;

use clap::CommandFactory;
use marquee::config::Cli;

/// Names of the environment that other programs or libraries read.
const OTHERS: [&str; 2] = ["RUST_LOG", "RUST_BACKTRACE"];

/// Prefixes of settings. A variable of the environment that has one is meant for this program.
const PREFIXES: [&str; 2] = ["SESSION_COOKIE_", "SESSION_CACHE_"];

/// The number of edits up to which a name counts as a misspelling.
const MAX_EDITS: usize = 2;

/// Returns a warning for each name in the file of settings that is none, and for each variable of the
/// environment that resembles a setting.
pub fn warnings(file: &[String]) -> Vec<String> {
    let command = Cli::command();
    let known: BTreeSet<&str> =
        command.get_arguments().filter_map(|arg| arg.get_env()?.to_str()).collect();
    let environment: Vec<String> =
        std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect();
    unknown(&known, file, &environment)
}

fn unknown(known: &BTreeSet<&str>, file: &[String], environment: &[String]) -> Vec<String> {
    let is_unknown =
        |name: &&String| !known.contains(name.as_str()) && !OTHERS.contains(&name.as_str());
    let nearest = |name: &str| {
        let distances = known.iter().map(|known| (strsim::damerau_levenshtein(name, known), known));
        distances.min().filter(|(distance, _)| *distance <= MAX_EDITS).map(|(_, known)| known)
    };
    let in_file = file.iter().filter(is_unknown).map(|name| (name, nearest(name)));
    let in_environment = environment.iter().filter(is_unknown).filter(|name| !file.contains(name));
    let in_environment = in_environment.map(|name| (name, nearest(name))).filter(|(name, near)| {
        near.is_some() || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    });
    in_file
        .chain(in_environment)
        .map(|(name, nearest)| match nearest {
            Some(nearest) => format!("{name} is not a setting; did you mean {nearest}?"),
            None => format!("{name} is not a setting."),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_names_are_found_and_foreign_ones_ignored() {
        let known = BTreeSet::from(["ALLOWED_HOSTS", "SESSION_COOKIE_SECURE", "HOST"]);
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let file = names(&["ALLOWED_HOST", "NONSENSE", "HOST", "RUST_LOG"]);
        let environment = names(&["SESION_COOKIE_SECURE", "SESSION_COOKIE_X", "PATH", "LANGUAGE"]);
        assert_eq!(
            unknown(&known, &file, &environment),
            [
                "ALLOWED_HOST is not a setting; did you mean ALLOWED_HOSTS?",
                "NONSENSE is not a setting.",
                "SESION_COOKIE_SECURE is not a setting; did you mean SESSION_COOKIE_SECURE?",
                "SESSION_COOKIE_X is not a setting.",
            ]
        );
    }
}
