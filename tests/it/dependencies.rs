//! What the program is made of besides itself.

use std::fs;
use std::process::Command;

use serde_json::Value;

/// The list in `deny.toml`, so that both checks are one.
fn allowed() -> Vec<String> {
    let settings = fs::read_to_string("deny.toml").unwrap();
    let (_, list) = settings.split_once("\nallow = [").unwrap();
    let (list, _) = list.split_once(']').unwrap();
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Whether one of the alternatives asks for allowed licences alone. `AND` binds more tightly, and in
/// what packages say parentheses stand around alternatives only.
fn is_free(expression: &str, allowed: &[String]) -> bool {
    let expression = expression.replace('/', " OR ");
    let parts = expression.split(" AND ").map(|part| part.trim().trim_matches(['(', ')']));
    let is_allowed = |name: &str| allowed.iter().any(|allowed| allowed == name.trim());
    if expression.contains('(') {
        return parts.clone().all(|part| part.split(" OR ").any(is_allowed));
    }
    expression.split(" OR ").any(|choice| choice.split(" AND ").all(is_allowed))
}

#[test]
fn licences_are_read_as_their_expressions_mean() {
    let allowed = ["MIT".to_owned(), "ISC".to_owned()];
    for (expression, free) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("MIT/GPL-3.0", true),
        ("GPL-3.0 OR MIT", true),
        ("MIT AND ISC", true),
        ("MIT AND GPL-3.0", false),
        ("(MIT OR GPL-3.0) AND ISC", true),
        ("(MIT OR ISC) AND GPL-3.0", false),
        ("", false),
    ] {
        assert_eq!(is_free(expression, &allowed), free, "{expression}");
    }
}

#[test]
fn every_dependency_is_free_and_from_the_registry() {
    let args = ["metadata", "--format-version", "1", "--locked", "--offline"];
    let output = Command::new(env!("CARGO")).args(args).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100);
    let allowed = allowed();
    for package in packages {
        let name = &package["name"];
        let licence = package["license"].as_str().unwrap_or_default();
        assert!(is_free(licence, &allowed), "{name}: {licence}");
        let source = package["source"].as_str();
        let registry = "registry+https://github.com/rust-lang/crates.io-index";
        assert!(source.is_none_or(|source| source == registry), "{name}: {source:?}");
    }
}

/// Each does what the program has decided to do otherwise.
#[test]
fn what_was_decided_against_is_not_there() {
    let lock = fs::read_to_string("Cargo.lock").unwrap();
    let settings = fs::read_to_string("deny.toml").unwrap();
    let banned = settings.lines().filter_map(|line| line.trim().strip_prefix("{ name = \""));
    let banned: Vec<&str> = banned.map(|line| line.split('"').next().unwrap()).collect();
    assert!(banned.len() > 2);
    for name in banned {
        assert!(!lock.contains(&format!("name = \"{name}\"")), "{name}");
    }
}
