//! Logs when the session cache stops or starts answering, before a visitor notices.

use std::time::Duration;

use tokio::time::interval;

use crate::sessions::Engine;

const CHECK_INTERVAL: Duration = Duration::from_secs(10);

/// Checks the cache until the program exits; returns at once for an engine without one.
pub async fn watch(engine: Engine) {
    let mut checks = interval(CHECK_INTERVAL);
    let mut was_up = true;
    loop {
        checks.tick().await;
        let Some(is_up) = engine.cache_answers().await else { return };
        match (was_up, is_up) {
            (true, false) => log::error!(
                "the session cache does not answer, or refuses the password or certificate of \
                 SESSION_CACHE_URL"
            ),
            (false, true) => log::info!("the session cache answers again"),
            _ => {}
        }
        was_up = is_up;
    }
}
