//! The session framework's contract, over HTTP against `examples/session_probe`, for every engine.

#[path = "../../examples/session_probe/routes.rs"]
mod routes;

mod api;
mod caches;
mod concurrency;
mod contract;
mod deadlines;
mod engines;
mod lifetimes;
mod model;
mod properties;
mod running;
mod script;
mod settings;
mod stock;
mod stored;

pub use self::running::Probe;
pub use self::running::engines::ALL as ENGINES;

/// Runs each of these tests once an engine, named `engine::test`.
macro_rules! on {
    ([$($engine:ident),*] $tests:tt) => { $( $crate::probe::on!(@ $engine $tests); )* };
    (@ $engine:ident [$($test:ident),* $(,)?]) => {
        mod $engine {
            $(
                #[actix_web::test]
                async fn $test() {
                    super::$test($crate::probe::running::engines::$engine).await;
                }
            )*
        }
    };
}
use on;
