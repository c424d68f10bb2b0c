//! Group commit: the operations that arrive while a statement runs go together into the next one.
//!
//! A statement costs Postgres a commit, and often a flush of the disk, whether it is about one
//! session or a hundred. An operation waits until the statement that answers it is committed.
//!
//! A locked row must not delay the sessions of others: a statement waits 50 ms for locks; then it
//! runs again without the locked rows, and those are tried singly.

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

/// The most operations in one statement: what Postgres does in a few milliseconds.
const MAX_BATCH: usize = 256;

/// The statements of one kind under way at once. The second begins only when the first is slow:
/// otherwise each waits for the one before, and has the more to do.
const LANES: usize = 2;

/// From this duration on a statement is slow.
const SLOW: Duration = Duration::from_millis(5);

/// The statements about locked rows under way at once.
const MAX_SINGLE: usize = 2;

/// One request's part of a statement.
pub trait Operation: Clone + Send + Sync + 'static {
    type Answer: Send + 'static;

    fn key(&self) -> &StoreKey;

    /// Whether it can be in one statement with an earlier operation on the same key.
    fn joins(&self, earlier: &Self) -> bool;

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

/// Where operations of one kind are handed in, from any thread.
pub struct Batcher<O: Operation>(UnboundedSender<Waiting<O>>);

struct Worker<O: Operation> {
    pool: Pool<AsyncPgConnection>,
    queue: tokio::sync::Mutex<UnboundedReceiver<Waiting<O>>>,
    /// Keys whose rows are locked by others, with the number of operations that wait for each.
    locked: Mutex<HashMap<StoreKey, usize>>,
    singles: Semaphore,
}

impl<O: Operation> Batcher<O> {
    /// Works until it is dropped.
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
        // Were the lanes gone, the operation would be dropped, and its answer with it.
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
            // Of a request that was given up.
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

    /// Tries operations on locked rows singly, and returns the others.
    fn set_aside(self: &Arc<Self>, batch: Vec<Waiting<O>>) -> Vec<Waiting<O>> {
        let locked = self.locked.lock().unwrap_or_else(PoisonError::into_inner);
        if locked.is_empty() {
            return batch;
        }
        let is_locked = |waiting: &Waiting<O>| locked.contains_key(waiting.operation.key());
        let (aside, batch): (Vec<_>, Vec<_>) = batch.into_iter().partition(is_locked);
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
                // Nobody waits for the answer of a request that was given up.
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

/// Whether it is unknown what the database did.
pub fn is_outage(error: &Error) -> bool {
    match error {
        Error::DatabaseError(kind, _) => matches!(kind, ClosedConnection | UnableToSendCommand),
        _ => true,
    }
}

/// Sorts the operations so that in each round no row has two that do not join; those on one row
/// keep their order.
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
