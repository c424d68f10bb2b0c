//! What the program is made of besides itself.

use crate::deploy::succeeds;

/// By `deny.toml`, which says which licences are free, and what was decided against.
#[test]
fn every_dependency_is_free_and_from_the_registry() {
    succeeds("cargo-deny", &["--locked", "--offline", "check", "bans", "licenses", "sources"]);
}
