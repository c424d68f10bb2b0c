//! The thread for connections.

use std::sync::LazyLock;

use tokio::runtime::{Builder, Runtime};

/// A connection lives on the runtime that opened it. A web server has one runtime for each worker;
/// opened there, a connection would stall whenever that worker is busy, and end with it.
pub(crate) static IO: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("sessions")
        .enable_all()
        .build()
        .expect("the operating system refuses a thread at the start")
});
