//! The operating system's limit of open files, which limits connections.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Files that the program needs beside those of connections: database, cache, sessions, logs.
const RESERVED: u64 = 200;

/// Raises the soft limit of open files as far as the hard limit allows. Returns how many connections
/// may be open at once: `max`, or fewer if the limit is too low for them.
pub fn prepare(max: u32) -> u32 {
    let limit = match getrlimit(Resource::RLIMIT_NOFILE) {
        Ok((soft, hard)) => {
            let wanted = files(max).min(hard);
            if wanted > soft && setrlimit(Resource::RLIMIT_NOFILE, wanted, hard).is_ok() {
                wanted
            } else {
                soft
            }
        }
        Err(error) => {
            log::warn!("cannot read the limit of open files: {error}");
            return max;
        }
    };
    let possible = connections(limit);
    if possible < max {
        log::warn!(
            "the limit of open files is {limit}: up to {possible} connections are possible instead of \
             MAX_CONNECTIONS={max}; raise it with `ulimit -n {}` or LimitNOFILE= in systemd",
            files(max)
        );
    }
    max.min(possible)
}

/// Returns the files that so many connections need. Up to a file number of `max`, a connection has a
/// second handle, by which an idle one is closed.
fn files(max: u32) -> u64 {
    u64::from(max) + u64::from(max / 2) + RESERVED
}

fn connections(limit: u64) -> u32 {
    u32::try_from(limit.saturating_sub(RESERVED) * 2 / 3).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limit_leaves_room_for_other_files() {
        for limit in [256, 1024, 4096, 65_536] {
            assert!(files(connections(limit)) <= limit, "{limit}");
        }
        assert_eq!(connections(100), 1);
    }
}
