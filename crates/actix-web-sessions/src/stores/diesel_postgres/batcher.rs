//! Group commit: operations that arrive while a statement runs share the next one.
//!
//! A statement costs Postgres a commit, and often a flush of the disk, whether it is about one
//! session or a hundred. An operation is answered after the commit of its statement.
//!
//! A locked row must not delay other sessions: after 50 ms a statement stops waiting for locks and
//! runs again without the locked rows, whose operations then run singly.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use diesel::result::DatabaseErrorKind::{ClosedConnection, UnableToSendCommand};
use diesel::result::{Error, QueryResult};
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::Pool;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Semaphore, oneshot};

use crate::error::{Result, StoreError};
use crate::io::IO;
use crate::key::StoreKey;

/// The maximum number of operations in one statement, which takes Postgres a few milliseconds.
const MAX_BATCH: usize = 256;

/// The maximum number of concurrent statements of one kind. The second one begins only when the
/// first one is slow: larger batches are more efficient.
const LANES: usize = 2;

/// The duration after which a statement is slow.
const SLOW: Duration = Duration::from_millis(5);

/// Operations of this size or more, in bytes, get a statement of their own, which delays no others.
const MAX_SHARED: usize = 64 << 10;

/// The maximum number of concurrent statements about single rows.
const MAX_SINGLE: usize = 2;

/// One request's part of a statement.
pub trait Operation: Clone + Send + Sync + 'static {
    type Answer: Send + 'static;

    fn key(&self) -> &StoreKey;

    /// Returns whether it can share a statement with an earlier operation on the same key.
    fn joins(&self, earlier: &Self) -> bool;

    /// Returns the approximate size of its values in bytes.
    fn size(&self) -> usize {
        0
    }

    /// Runs one statement; returns the answers in the order of the operations. Without `wait`, rows
    /// that are locked are skipped, and their answer is `None`.
    fn run(
        connection: &mut AsyncPgConnection,
        operations: &[Self],
        wait: bool,
    ) -> impl Future<Output = QueryResult<Vec<Option<Self::Answer>>>> + Send;
}

struct Waiting<O: Operation> {
    operation: O,
    answer: oneshot::Sender<Result<O::Answer>>,
}

/// Accepts operations of one kind from any thread.
pub struct Batcher<O: Operation>(UnboundedSender<Waiting<O>>);

struct Worker<O: Operation> {
    pool: Pool<AsyncPgConnection>,
    queue: tokio::sync::Mutex<UnboundedReceiver<Waiting<O>>>,
    /// The keys of operations that run singly, with their number.
    locked: Mutex<HashMap<StoreKey, usize>>,
    singles: Semaphore,
}

impl<O: Operation> Batcher<O> {
    /// Starts the tasks that run the operations. They end when the batcher is dropped.
    pub fn new(pool: &Pool<AsyncPgConnection>) -> Self {
        let (sender, receiver) = unbounded_channel();
        let worker = Arc::new(Worker {
            pool: pool.clone(),
            queue: tokio::sync::Mutex::new(receiver),
            locked: Mutex::default(),
            singles: Semaphore::new(MAX_SINGLE),
        });
        for _ in 0..LANES {
            IO.spawn(Arc::clone(&worker).work());
        }
        Self(sender)
    }

    /// Returns the answer, once its statement is committed.
    pub async fn ask(&self, operation: O) -> Result<O::Answer> {
        let (answer, answered) = oneshot::channel();
        // If the tasks have ended, the operation is dropped together with the sender of its answer.
        _ = self.0.send(Waiting { operation, answer });
        let gone = |_error| Err(StoreError::unavailable("the statement was given up"));
        answered.await.unwrap_or_else(gone)
    }
}

impl<O: Operation> Worker<O> {
    async fn work(self: Arc<Self>) {
        loop {
            let mut queue = self.queue.lock().await;
            let mut batch = Vec::new();
            if queue.recv_many(&mut batch, MAX_BATCH).await == 0 {
                return;
            }
            // The request was cancelled.
            batch.retain(|waiting| !waiting.answer.is_closed());
            let mut answered = pin!(async {
                for round in rounds(self.set_aside(batch)) {
                    self.answer(round).await;
                }
            });
            if tokio::time::timeout(SLOW, &mut answered).await.is_err() {
                drop(queue);
                answered.await;
            }
        }
    }

    /// Runs operations on locked rows and large operations singly, and returns the others.
    fn set_aside(self: &Arc<Self>, batch: Vec<Waiting<O>>) -> Vec<Waiting<O>> {
        let locked = self.locked.lock().unwrap_or_else(PoisonError::into_inner);
        let is_apart = |waiting: &Waiting<O>| {
            let operation = &waiting.operation;
            locked.contains_key(operation.key()) || operation.size() >= MAX_SHARED
        };
        let (aside, batch): (Vec<_>, Vec<_>) = batch.into_iter().partition(is_apart);
        drop(locked);
        aside.into_iter().for_each(|waiting| self.try_singly(waiting));
        batch
    }

    fn try_singly(self: &Arc<Self>, waiting: Waiting<O>) {
        let worker = Arc::clone(self);
        let key = *waiting.operation.key();
        *self.locked.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default() += 1;
        IO.spawn(async move {
            let permit = worker.singles.acquire().await;
            if !waiting.answer.is_closed() {
                let answer = worker.single(&waiting.operation).await;
                _ = waiting.answer.send(answer);
            }
            drop(permit);
            let mut locked = worker.locked.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(count) = locked.get_mut(&key) {
                *count -= 1;
                if *count == 0 {
                    locked.remove(&key);
                }
            }
        });
    }

    async fn single(&self, operation: &O) -> Result<O::Answer> {
        let connection = &mut super::connection(&self.pool).await?;
        let answers = super::patiently(connection, |connection| {
            let operation = [operation.clone()];
            Box::pin(async move { O::run(connection, &operation, true).await })
        });
        let answers = answers.await?;
        answers.into_iter().next().flatten().ok_or_else(StoreError::contended)
    }

    async fn answer(self: &Arc<Self>, round: Vec<Waiting<O>>) {
        let operations: Vec<O> = round.iter().map(|waiting| waiting.operation.clone()).collect();
        let connection = &mut match super::connection(&self.pool).await {
            Ok(connection) => connection,
            Err(error) => return fail(round, &error.to_string()),
        };
        let answers = match O::run(connection, &operations, true).await {
            Err(error) if is_outage(&error) => return fail(round, &error.to_string()),
            // A row is locked, or the values of one operation are refused.
            Err(_) if operations.len() > 1 => {
                O::run(connection, &operations, false).await.unwrap_or_default()
            }
            answers => answers.unwrap_or_default(),
        };
        let mut answers = answers.into_iter();
        for waiting in round {
            match answers.next().flatten() {
                // Fails if the request was cancelled.
                Some(answer) => _ = waiting.answer.send(Ok(answer)),
                None => self.try_singly(waiting),
            }
        }
    }
}

fn fail<O: Operation>(round: Vec<Waiting<O>>, cause: &str) {
    for waiting in round {
        _ = waiting.answer.send(Err(StoreError::unavailable(cause)));
    }
}

/// Returns whether the connection broke, so that it is unknown what the database did.
pub fn is_outage(error: &Error) -> bool {
    match error {
        Error::DatabaseError(kind, _) => matches!(kind, ClosedConnection | UnableToSendCommand),
        _ => true,
    }
}

/// Sorts operations into rounds, so that no round has two operations on one row that cannot share a
/// statement. Operations on one row keep their order.
fn rounds<O: Operation>(mut batch: Vec<Waiting<O>>) -> Vec<Vec<Waiting<O>>> {
    batch.sort_by(|a, b| a.operation.key().cmp(b.operation.key()));
    let mut rounds: Vec<Vec<Waiting<O>>> = Vec::new();
    let mut round = 0;
    for waiting in batch {
        let before = rounds.get(round).and_then(|round: &Vec<Waiting<O>>| round.last());
        let same = before.filter(|before| before.operation.key() == waiting.operation.key());
        round = match same {
            Some(earlier) if waiting.operation.joins(&earlier.operation) => round,
            Some(_) => round + 1,
            None => 0,
        };
        if round == rounds.len() {
            rounds.push(Vec::new());
        }
        rounds[round].push(waiting);
    }
    rounds
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row and a letter: equal letters join.
    #[derive(Clone)]
    struct Letter(StoreKey, char);

    impl Operation for Letter {
        type Answer = ();

        fn key(&self) -> &StoreKey {
            &self.0
        }

        fn joins(&self, earlier: &Self) -> bool {
            self.1 == earlier.1
        }

        async fn run(
            _: &mut AsyncPgConnection,
            operations: &[Self],
            _: bool,
        ) -> QueryResult<Vec<Option<()>>> {
            Ok(vec![Some(()); operations.len()])
        }
    }

    fn arranged(letters: &[(u8, char)]) -> Vec<Vec<(u8, char)>> {
        let wait = |&(row, letter): &(u8, char)| Waiting {
            operation: Letter(StoreKey::from_bytes([row; 32]), letter),
            answer: oneshot::channel().0,
        };
        let rounds = rounds(letters.iter().map(wait).collect());
        let plain =
            |waiting: &Waiting<Letter>| (waiting.operation.0.as_bytes()[0], waiting.operation.1);
        rounds.iter().map(|round| round.iter().map(plain).collect()).collect()
    }

    #[test]
    fn rounds_are_sorted_and_change_no_row_twice() {
        assert_eq!(arranged(&[]), Vec::<Vec<_>>::new());
        assert_eq!(arranged(&[(3, 'a'), (1, 'b'), (2, 'c')]), [[(1, 'b'), (2, 'c'), (3, 'a')]]);
        assert_eq!(
            arranged(&[(2, 'a'), (1, 'x'), (2, 'b'), (2, 'b'), (2, 'a'), (3, 'y')]),
            [vec![(1, 'x'), (2, 'a'), (3, 'y')], vec![(2, 'b'), (2, 'b')], vec![(2, 'a')]]
        );
    }
}
