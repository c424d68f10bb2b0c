//! The dependencies of the program.

use crate::deploy::succeeds;

/// Checks licences, bans and sources by `deny.toml`. cargo-deny reads the crates of every platform,
/// so those that no build of this machine has downloaded are downloaded now.
#[test]
fn dependencies_have_free_licences_and_come_from_the_registry() {
    succeeds("cargo-deny", &["--locked", "check", "bans", "licenses", "sources"]);
}
