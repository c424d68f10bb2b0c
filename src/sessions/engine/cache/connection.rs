//! The way to Redis: one connection for the process, opened when needed and again when lost.

use std::fs;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use anyhow::{Context, bail};
use percent_encoding::percent_decode_str;
use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, FromRedisValue, RedisError, ScriptInvocation, TlsCertificates,
};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// A connection lives on the runtime that opened it. The web server has one runtime per worker;
/// opened there, a connection would stall whenever that worker is busy, and die with it.
pub static IO: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("redis")
        .enable_all()
        .build()
        .expect("the operating system refuses a thread at start-up")
});

/// After so long without an answer the other side may be gone without our having been told.
const QUIET: Duration = Duration::from_secs(1);

/// For a connection to be opened.
const CONNECTING: Duration = Duration::from_millis(400);

/// What to do when there is no connection, or a dead one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// Open one, also in the middle: the same call twice has the effect of one.
    Again,
    /// Open one, but at the beginning only.
    Before,
    /// Fail: the caller wants to know.
    Fail,
}

/// Cloning is cheap. Unlike the `redis` crate's `ConnectionManager` this needs no server to start
/// with, and gives up a connection that does not answer, not only one that was closed.
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
    /// Connects to nothing yet. `sslrootcert` in the URL names the file with the authorities to trust;
    /// without it those of the system are.
    pub fn new(url: &str) -> anyhow::Result<Self> {
        let client = match authorities(url)? {
            None => Client::open(url),
            root_cert => {
                Client::build_with_tls(url, TlsCertificates { client_tls: None, root_cert })
            }
        };
        let client = client.context("not the address of a Redis server")?;
        Ok(Self(Arc::new(Inner { client, open: Mutex::default() })))
    }

    /// Whether Redis is there, asked over a connection of its own: the one that carries sessions
    /// is neither opened nor closed by a mere question.
    pub async fn answers(&self) -> bool {
        let client = self.0.client.clone();
        let ping = async move {
            let config = AsyncConnectionConfig::new().set_connection_timeout(CONNECTING);
            let mut own = client.get_multiplexed_async_connection_with_config(&config).await?;
            redis::cmd("PING").exec_async(&mut own).await
        };
        let answer = IO.spawn(timeout(QUIET, ping)).await;
        matches!(answer, Ok(Ok(Ok(()))))
    }

    /// Runs a script, for no longer than `patience` with all that it entails.
    pub async fn run<T>(
        &self,
        script: ScriptInvocation<'static>,
        lost: Lost,
        patience: Duration,
    ) -> anyhow::Result<T>
    where
        T: FromRedisValue + Send + 'static,
    {
        let inner = Arc::clone(&self.0);
        let call = async move {
            let answer = timeout(patience, inner.run(&script, lost)).await;
            if answer.is_err() {
                inner.forget();
            }
            answer
        };
        match IO.spawn(call).await? {
            Ok(answer) => answer,
            Err(_) => bail!("Redis did not answer within {patience:?}"),
        }
    }
}

fn authorities(url: &str) -> anyhow::Result<Option<Vec<u8>>> {
    let parameters = url.split_once('?').map_or("", |(_, parameters)| parameters);
    let Some(file) = parameters.split('&').find_map(|pair| pair.strip_prefix("sslrootcert="))
    else {
        return Ok(None);
    };
    let file = percent_decode_str(file).decode_utf8_lossy();
    let read = fs::read(&*file).with_context(|| format!("sslrootcert={file}"));
    Ok(Some(read?))
}

impl Inner {
    async fn run<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'static>,
        lost: Lost,
    ) -> anyhow::Result<T> {
        let mut open = match lost {
            Lost::Again => self.open().await?,
            Lost::Before => self.probed().await?,
            Lost::Fail => self.open.lock().await.clone().context("the connection was lost")?,
        };
        let answer = script.invoke_async(&mut open.connection).await;
        match self.note(&open, answer).await {
            Err(error) if lost == Lost::Again && error.is_io_error() => {}
            answer => return answer.context("asking Redis"),
        }
        let mut open = self.open().await?;
        let answer = script.invoke_async(&mut open.connection).await;
        self.note(&open, answer).await.context("asking Redis again")
    }

    /// A connection that works, as far as one can know.
    async fn probed(&self) -> anyhow::Result<Open> {
        let mut open = self.open().await?;
        if open.answered.elapsed() < QUIET {
            return Ok(open);
        }
        let answer = redis::cmd("PING").exec_async(&mut open.connection).await;
        match self.note(&open, answer).await {
            Err(error) if !error.is_io_error() => Err(error).context("greeting Redis"),
            _ => self.open().await,
        }
    }

    async fn open(&self) -> anyhow::Result<Open> {
        let mut slot = self.open.lock().await;
        if let Some(open) = &*slot {
            return Ok(open.clone());
        }
        let config = AsyncConnectionConfig::new().set_connection_timeout(CONNECTING);
        let connection = self.client.get_multiplexed_async_connection_with_config(&config).await;
        let connection = connection.context("connecting to Redis")?;
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
                Err(error) if error.is_io_error() || error.is_unrecoverable_error() => *slot = None,
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
