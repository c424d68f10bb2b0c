//! Rules for the source tree and the documents.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use clap::CommandFactory;
use marquee::config::Cli;

/// Returns path and text of every tracked or new text file that matches.
fn files(dirs: &[&str]) -> Vec<(String, String)> {
    let args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"];
    let listed = Command::new("git").args(args).args(dirs).output().unwrap();
    let paths = String::from_utf8(listed.stdout).unwrap();
    let paths = paths.split_terminator('\0');
    paths.filter_map(|path| Some((path.to_owned(), fs::read_to_string(path).ok()?))).collect()
}

#[test]
fn files_are_small_and_well_named() {
    for (path, text) in files(&["src", "crates", "tests/it"]) {
        let name = path.rsplit('/').next().unwrap();
        assert!(path.contains("vendor/") || text.lines().count() <= 400, "{path}: split it");
        assert!(
            !["mod.rs", "util.rs", "utils.rs", "helpers.rs", "common.rs"].contains(&name),
            "{path}: name the file for what it holds"
        );
    }
}

#[test]
fn tests_wait_for_conditions_not_for_time() {
    for (path, text) in files(&["tests", "crates/*/tests/*"]) {
        let banned = concat!("sle", "ep(");
        assert!(
            path.contains("vendor/") || !text.contains(banned),
            "{path}: wait for what you need"
        );
    }
}

#[test]
fn templates_hold_no_style_and_no_script() {
    let pages = files(&["templates"]).into_iter().filter(|(path, _)| path.ends_with(".html"));
    for (path, text) in pages {
        for banned in ["style=", "<style", "<script>", "onclick=", "| safe", "http:", "https:"] {
            assert!(!text.contains(banned), "{path} contains {banned}");
        }
    }
}

/// A placeholder is text that is replaced later: a condition on it would always be true.
#[test]
fn templates_print_placeholders_without_branching_on_them() {
    let mut fields = BTreeSet::new();
    for (_, text) in files(&["src/web"]) {
        let declared = text.lines().filter_map(|line| line.trim().strip_suffix(": Placeholder,"));
        fields.extend(declared.map(|name| name.trim_start_matches("pub ").to_owned()));
    }
    assert!(fields.len() > 8, "{fields:?}");
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    for (path, text) in files(&["templates"]) {
        for tag in text.split("{%").skip(1) {
            let tag = tag.split("%}").next().unwrap();
            let statement = tag.trim_matches(['-', ' ']);
            if !["if ", "elif ", "for ", "set "].iter().any(|word| statement.starts_with(word)) {
                continue;
            }
            // Placeholders are fields, as `card.seen`. `restored` counts what an import restored.
            for path_to_field in statement.split(|c| !is_name(c) && c != '.') {
                let Some((of, field)) = path_to_field.rsplit_once('.') else { continue };
                let is_placeholder = of != "restored" && fields.contains(field);
                assert!(!is_placeholder, "{path} decides by {path_to_field}");
            }
        }
    }
}

#[test]
fn env_example_documents_every_setting_with_its_default() {
    let command = Cli::command();
    let settings: BTreeSet<(String, String)> = command
        .get_arguments()
        .filter(|arg| !arg.is_hide_set())
        .filter_map(|arg| {
            let name = arg.get_env()?.to_str()?.to_owned();
            let default = arg.get_default_values().first();
            Some((name, default.map_or_else(String::new, |v| v.to_str().unwrap().to_owned())))
        })
        .collect();
    let example = fs::read_to_string(".env.example").unwrap();
    let documented: BTreeSet<(String, String)> = example
        .lines()
        .filter_map(|line| line.trim_start_matches("# ").split_once('='))
        .filter(|(name, _)| name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_'))
        .filter(|(name, _)| *name != "RUST_LOG")
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    assert_eq!(documented, settings);
}

#[test]
fn imports_point_one_way() {
    let forbidden = [
        ("src/db", &["crate::web", "crate::catalog", "crate::sessions", "actix_"][..]),
        ("src/catalog", &["crate::web", "crate::sessions", "film_posters", "actix_"]),
        ("src/sessions", &["crate::web", "crate::catalog", "film_posters", "crate::config"]),
        ("src/operators", &["crate::web", "crate::catalog", "crate::config", "actix_"]),
        ("src/web", &["crate::schema", "diesel::prelude", "private_postgres"]),
    ];
    for (part, words) in forbidden {
        for (path, text) in files(&["src"]) {
            for word in words.iter().filter(|_| path.starts_with(part)) {
                let inside = format!("crate::{}", part.trim_start_matches("src/"));
                let text = text.replace(&inside, "");
                assert!(!text.contains(word), "{path} must not know {word}");
            }
        }
    }
}

/// The folders of `src/web`, each with the ones that it may import. All of them use `error`.
const PARTS_OF_WEB: [(&str, &[&str]); 9] = [
    ("http", &[]),
    ("visitor", &["http"]),
    ("render", &["http", "visitor"]),
    ("movie_query", &["http", "visitor"]),
    ("components", &["http", "visitor", "render", "movie_query"]),
    ("pages", &["http", "visitor", "render", "movie_query", "components"]),
    ("files", &["http", "render", "movie_query", "components"]),
    ("ops", &["http"]),
    ("admin", &["http", "render", "movie_query", "components"]),
];

#[test]
fn web_modules_import_in_one_direction() {
    for (part, allowed) in PARTS_OF_WEB {
        for (path, text) in files(&[&format!("src/web/{part}"), &format!("src/web/{part}.rs")]) {
            for import in text.split("crate::web::").skip(1) {
                let imported = import.split(|c: char| !c.is_alphanumeric() && c != '_').next();
                let imported = imported.unwrap();
                let may_import = imported == part || imported == "error";
                assert!(may_import || allowed.contains(&imported), "{path} imports {imported}");
            }
            // Visitors have no accounts.
            let knows_operators = text.contains("crate::operators");
            assert!(part == "admin" || !knows_operators, "{path} must not know operators");
        }
    }
    for (path, leaves) in [("src/config.rs", "http::"), ("src/web/error.rs", "visitor::marks::")] {
        let text = fs::read_to_string(path).unwrap();
        for import in text.split("use crate::web::").skip(1) {
            assert!(import.starts_with(leaves), "{path} imports more than leaf types of web");
        }
    }
}

#[test]
fn documents_name_existing_files() {
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = fs::read_to_string(document).unwrap();
        let spans = text.split('`').skip(1).step_by(2);
        let paths = spans.filter(|span| {
            let rooted = [
                "src/",
                "crates/",
                "tests/",
                "templates/",
                "static/",
                "bin/",
                "data/",
                "docs/",
                "migrations/",
            ];
            rooted.iter().any(|root| span.starts_with(root)) && !span.contains(['{', '<', '*', ' '])
        });
        for path in paths {
            assert!(fs::exists(path).unwrap(), "{document} names {path}");
        }
    }
}

/// Returns the names of tests in a cell of a table.
fn names(cell: &str) -> Vec<String> {
    let spans = cell.split('`').skip(1).step_by(2).map(str::to_owned);
    spans.filter(|span| span.contains('_')).collect()
}

/// Each requirement names the tests that prove it, or says that there is none.
#[test]
fn security_manual_names_existing_tests() {
    let manual = fs::read_to_string("docs/security.md").unwrap();
    let source: String =
        files(&["src", "crates", "tests"]).into_iter().map(|(_, text)| text).collect();
    let numbered =
        |row: &&str| row[..row.len().min(3)].ends_with(|last: char| last.is_ascii_digit());
    let rows: Vec<&str> =
        manual.lines().filter(|row| row.starts_with("| ")).filter(numbered).collect();
    assert!(rows.len() > 50, "{}", rows.len());
    for row in rows {
        let shown = row.trim_matches(['|', ' ']).rsplit('|').next().unwrap();
        let tests = names(shown);
        assert!(!tests.is_empty() || shown.contains("not covered"), "{row}");
        for name in tests {
            assert!(source.contains(&format!("fn {name}(")), "{name}: {row}");
        }
    }
}

/// The words of pages are in templates; the columns of CSV lists are not words for readers.
#[test]
fn modules_of_pages_hold_no_text_for_readers() {
    for (path, text) in files(&["src/web/pages", "src/web/components", "src/web/visitor"]) {
        if path.contains("/you/list") {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap();
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let mut literals = line.split('"').skip(1).step_by(2);
            let text = literals.find(|literal| {
                literal.contains(' ') && literal.starts_with(|first: char| first.is_uppercase())
            });
            assert_eq!(text, None, "{path}: put it into a template");
        }
    }
}

#[test]
fn scripts_never_run_text() {
    for (path, text) in files(&["static"]).into_iter().filter(|(path, _)| path.ends_with(".js")) {
        for banned in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            ".write(",
            "eval(",
            "Function(",
            "postMessage",
        ] {
            assert!(!text.contains(banned), "{path} contains {banned}");
        }
    }
}

/// The manual maps each of Django's tests to one of ours, or says why it does not apply.
#[test]
fn session_manual_names_existing_tests() {
    let manual = fs::read_to_string("docs/sessions.md").unwrap();
    let (_, answers) = manual.split_once("## Django's tests, one by one").unwrap();
    let source: String =
        files(&["src", "crates", "tests"]).into_iter().map(|(_, text)| text).collect();
    let mut of_django = 0;
    for row in answers.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        let (theirs, ours) = (names(cells[0]), names(cells[cells.len() - 1]));
        of_django += theirs.iter().filter(|name| name.starts_with("test_")).count();
        let answered = !ours.is_empty() || row.contains("no meaning here") || theirs.is_empty();
        assert!(answered, "{row}");
        for name in ours {
            assert!(source.contains(&format!("fn {name}(")), "{name}: {row}");
        }
    }
    assert_eq!(of_django, 126);
}
