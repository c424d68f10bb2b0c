//! The runtime of connections.

use std::sync::{LazyLock, OnceLock};

use tokio::runtime::{Builder, Handle};

static GIVEN: OnceLock<Handle> = OnceLock::new();

/// A connection lives on the runtime that opened it. A web server has one runtime for each worker;
/// opened there, a connection would stall whenever that worker is busy, and end with it.
pub(crate) static IO: LazyLock<Handle> = LazyLock::new(|| match GIVEN.get() {
    Some(given) => given.clone(),
    None => start(),
});

/// Starts a runtime with a thread of its own. It lives as long as the process.
fn start() -> Handle {
    static OWN: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    let runtime = OWN.get_or_init(|| {
        Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("sessions")
            .enable_all()
            .build()
            .expect("the operating system refuses a thread at the start")
    });
    runtime.handle().clone()
}

/// Drives the connections of all stores on this runtime instead of a thread of their own. An
/// application whose pool is driven by a runtime passes it, which saves switching between threads.
///
/// The runtime must live as long as the process. Has an effect only before the first store is made.
pub fn use_runtime(runtime: Handle) {
    GIVEN.get_or_init(|| runtime);
}
