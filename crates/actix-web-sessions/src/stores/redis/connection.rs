//! The way to Redis: one connection for the process, opened when needed and again when lost.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, ErrorKind, FromRedisValue, RedisError, ScriptInvocation,
};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::error::{Result, StoreError};
use crate::io::IO;

/// After so long without an answer the other side may be gone without notice.
const QUIET_PERIOD: Duration = Duration::from_secs(1);

/// For a connection to be opened.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(400);

/// The behaviour without a live connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// Open one, also after a lost answer: the same call twice has the effect of one.
    Again,
    /// Open one, but only before the call was sent.
    Before,
    /// Fail: the caller wants to know.
    Fail,
}

/// Cloning is cheap. A connection is given up when it breaks or does not answer, and when the
/// server turns out not to take writes any more: the address may lead to another server by now.
#[derive(Clone)]
pub struct Connection(Arc<Inner>);

struct Inner {
    client: Client,
    open: Mutex<Option<Open>>,
}

#[derive(Clone)]
struct Open {
    connection: MultiplexedConnection,
    id: Instant,
    answered: Instant,
}

impl Connection {
    pub fn new(client: Client) -> Self {
        Self(Arc::new(Inner { client, open: Mutex::default() }))
    }

    /// Asks over a connection of its own: the one that carries sessions is neither opened nor
    /// closed by a mere question.
    pub async fn ping(&self) -> Result<()> {
        let client = self.0.client.clone();
        let ping = async move {
            let config = AsyncConnectionConfig::new().set_connection_timeout(CONNECT_TIMEOUT);
            let mut own = client.get_multiplexed_async_connection_with_config(&config).await?;
            redis::cmd("PING").exec_async(&mut own).await
        };
        match IO.spawn(timeout(QUIET_PERIOD, ping)).await.map_err(StoreError::other)? {
            Ok(answer) => answer.map_err(StoreError::unavailable),
            Err(error) => Err(StoreError::unavailable(error)),
        }
    }

    /// Runs a script, with all that it entails within `limit`.
    pub async fn run<T>(
        &self,
        script: ScriptInvocation<'static>,
        lost: Lost,
        limit: Duration,
    ) -> Result<T>
    where
        T: FromRedisValue + Send + 'static,
    {
        let inner = Arc::clone(&self.0);
        let call = async move {
            let answer = timeout(limit, inner.run(&script, lost)).await;
            if answer.is_err() {
                inner.forget();
            }
            answer
        };
        match IO.spawn(call).await.map_err(StoreError::other)? {
            Ok(answer) => answer.map_err(failed),
            Err(_) => Err(StoreError::unavailable(format!("Redis did not answer in {limit:?}"))),
        }
    }
}

/// A server that answers, but refuses to work, is as good as none.
fn failed(error: RedisError) -> StoreError {
    let refused = error.is_io_error() || error.is_unrecoverable_error() || is_demoted(&error);
    if refused { StoreError::unavailable(error) } else { StoreError::other(error) }
}

/// The server is a replica, or has lost its own, or is not ready: nothing was done.
fn is_demoted(error: &RedisError) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ReadOnly
            | ErrorKind::MasterDown
            | ErrorKind::ClusterDown
            | ErrorKind::BusyLoadingError
            | ErrorKind::TryAgain
    ) || error.to_string().contains("READONLY")
}

fn lost() -> RedisError {
    (ErrorKind::IoError, "the connection was lost").into()
}

impl Inner {
    async fn run<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'static>,
        lost_mode: Lost,
    ) -> Result<T, RedisError> {
        let mut open = match lost_mode {
            Lost::Again => self.open().await?,
            Lost::Before => self.probed().await?,
            Lost::Fail => self.open.lock().await.clone().ok_or_else(lost)?,
        };
        let answer = script.invoke_async(&mut open.connection).await;
        match self.note(&open, answer).await {
            Err(error) if is_demoted(&error) && lost_mode != Lost::Fail => {}
            Err(error) if error.is_io_error() && lost_mode == Lost::Again => {}
            answer => return answer,
        }
        let mut open = self.open().await?;
        let answer = script.invoke_async(&mut open.connection).await;
        self.note(&open, answer).await
    }

    /// A connection that works, as far as one can know.
    async fn probed(&self) -> Result<Open, RedisError> {
        let mut open = self.open().await?;
        if open.answered.elapsed() < QUIET_PERIOD {
            return Ok(open);
        }
        let answer = redis::cmd("PING").exec_async(&mut open.connection).await;
        match self.note(&open, answer).await {
            Err(error) if !error.is_io_error() => Err(error),
            _ => self.open().await,
        }
    }

    async fn open(&self) -> Result<Open, RedisError> {
        let mut slot = self.open.lock().await;
        if let Some(open) = &*slot {
            return Ok(open.clone());
        }
        let config = AsyncConnectionConfig::new().set_connection_timeout(CONNECT_TIMEOUT);
        let connection = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        let now = Instant::now();
        Ok(slot.insert(Open { connection, id: now, answered: now }).clone())
    }

    /// Notes that this connection works, or forgets it.
    async fn note<T>(&self, on: &Open, answer: Result<T, RedisError>) -> Result<T, RedisError> {
        let mut slot = self.open.lock().await;
        if let Some(open) = &mut *slot
            && open.id == on.id
        {
            match &answer {
                Err(error)
                    if error.is_io_error()
                        || error.is_unrecoverable_error()
                        || is_demoted(error) =>
                {
                    *slot = None;
                }
                _ => open.answered = Instant::now(),
            }
        }
        answer
    }

    /// After a silence. While somebody is just opening a new connection there is none to forget.
    fn forget(&self) {
        if let Ok(mut slot) = self.open.try_lock() {
            *slot = None;
        }
    }
}
