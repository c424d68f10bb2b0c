//! Group commit: what arrives while a statement runs goes together into the next one.
//!
//! A statement costs Postgres a parse of its answer, a commit and often a flush of the disk,
//! whether it is about one session or a hundred. A request waits until the statement that answers
//! it is committed, and no longer than for a statement of its own when nobody else asks.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use diesel::result::DatabaseErrorKind::{ClosedConnection, UnableToSendCommand};
use diesel::result::{Error, QueryResult};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Mutex, oneshot};

use crate::db::{self, Connection, Pool};

/// Questions in one statement at most: what Postgres does in a few milliseconds.
const LARGEST: usize = 256;

/// Statements of one kind under way at once. The second begins only when the first is slow:
/// otherwise each waits for the one before, and has the more to do.
const LANES: usize = 2;

/// From when on a statement is slow: some times what it takes where nothing is amiss.
const SLOW: Duration = Duration::from_millis(5);

/// How long a request waits before the visitor is told to come back.
const PATIENCE: Duration = Duration::from_secs(6);

/// One request's part of a statement.
pub trait Question: Send + Sync + 'static {
    type Answer: Send + 'static;

    /// The row it is about. Statements get their questions in this order and lock their rows so:
    /// two of them never wait for each other.
    fn row(&self) -> &[u8];

    /// Whether it can be in one statement with an earlier question about the same row.
    fn joins(&self, earlier: &Self) -> bool;

    /// One statement that answers all, in the order of the questions.
    fn ask(
        connection: &mut Connection,
        questions: &[Self],
    ) -> impl Future<Output = QueryResult<Vec<Self::Answer>>> + Send
    where
        Self: Sized;
}

type Answered<Q> = anyhow::Result<<Q as Question>::Answer>;

struct Waiting<Q: Question> {
    question: Q,
    answer: oneshot::Sender<Answered<Q>>,
}

/// Where questions of one kind are handed in, from any thread.
pub struct Gatherer<Q: Question>(UnboundedSender<Waiting<Q>>);

impl<Q: Question> Gatherer<Q> {
    /// Works until it is dropped, on the connections' own runtime: no request that is given up
    /// takes others with it.
    pub fn new(pool: &Pool) -> Self {
        let (sender, receiver) = unbounded_channel();
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..LANES {
            db::spawn(lane(pool.clone(), receiver.clone()));
        }
        Self(sender)
    }

    /// The answer, once its statement is committed.
    pub async fn ask(&self, question: Q) -> Answered<Q> {
        let (answer, answered) = oneshot::channel();
        // Were the lanes gone, the question would be dropped, and its answer with it.
        _ = self.0.send(Waiting { question, answer });
        match tokio::time::timeout(PATIENCE, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => anyhow::bail!("the statement was given up"),
            Err(_) => anyhow::bail!("no answer within {PATIENCE:?}"),
        }
    }
}

async fn lane<Q: Question>(pool: Pool, queue: Arc<Mutex<UnboundedReceiver<Waiting<Q>>>>) {
    loop {
        let mut queue = queue.lock().await;
        let mut batch = Vec::new();
        if queue.recv_many(&mut batch, LARGEST).await == 0 {
            return;
        }
        let mut answered = pin!(async {
            for round in rounds(batch) {
                answer(&pool, round).await;
            }
        });
        if tokio::time::timeout(SLOW, &mut answered).await.is_err() {
            drop(queue);
            answered.await;
        }
    }
}

/// In each round no row has two questions that do not join; those about one row keep their order.
fn rounds<Q: Question>(mut batch: Vec<Waiting<Q>>) -> Vec<Vec<Waiting<Q>>> {
    batch.sort_by(|a, b| a.question.row().cmp(b.question.row()));
    let mut rounds: Vec<Vec<Waiting<Q>>> = Vec::new();
    let mut round = 0;
    for waiting in batch {
        let question = &waiting.question;
        let before = rounds.get(round).and_then(|round| round.last()).map(|last| &last.question);
        round = match before.filter(|before| before.row() == question.row()) {
            Some(earlier) if question.joins(earlier) => round,
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

async fn answer<Q: Question>(pool: &Pool, round: Vec<Waiting<Q>>) {
    let (questions, waiting): (Vec<Q>, Vec<_>) =
        round.into_iter().map(|one| (one.question, one.answer)).unzip();
    match ask(pool, &questions).await {
        Ok(answers) => {
            for (answer, waiting) in answers.into_iter().zip(waiting) {
                // Nobody waits for the answer of a request that was given up.
                _ = waiting.send(Ok(answer));
            }
        }
        // Postgres refused the statement and did nothing: perhaps for what one of them asked.
        Err(Failed::Refused(_)) if questions.len() > 1 => {
            for (question, waiting) in questions.into_iter().zip(waiting) {
                let answer = ask(pool, &[question]).await;
                _ = waiting.send(answer.map(|mut answers| answers.remove(0)).map_err(Into::into));
            }
        }
        Err(error) => {
            let cause = error.to_string();
            for waiting in waiting {
                _ = waiting.send(Err(anyhow::Error::msg(cause.clone())));
            }
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("{0}")]
    Refused(Error),
    /// Whether anything was done is not known.
    #[error("{0}")]
    Lost(anyhow::Error),
}

async fn ask<Q: Question>(pool: &Pool, questions: &[Q]) -> Result<Vec<Q::Answer>, Failed> {
    let connection = &mut pool.get().await.map_err(|error| Failed::Lost(error.into()))?;
    let answers = Q::ask(connection, questions).await.map_err(|error| match error {
        Error::DatabaseError(kind, _)
            if !matches!(kind, ClosedConnection | UnableToSendCommand) =>
        {
            Failed::Refused(error)
        }
        error => Failed::Lost(error.into()),
    })?;
    debug_assert_eq!(answers.len(), questions.len(), "every question is answered");
    Ok(answers)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row, and a letter: equal letters join.
    struct Letter(u8, char);

    impl Question for Letter {
        type Answer = ();

        fn row(&self) -> &[u8] {
            std::slice::from_ref(&self.0)
        }

        fn joins(&self, earlier: &Self) -> bool {
            self.1 == earlier.1
        }

        async fn ask(_: &mut Connection, questions: &[Self]) -> QueryResult<Vec<()>> {
            Ok(questions.iter().map(|_| ()).collect())
        }
    }

    fn arranged(letters: &[(u8, char)]) -> Vec<Vec<(u8, char)>> {
        let wait = |&(row, letter)| Waiting {
            question: Letter(row, letter),
            answer: oneshot::channel().0,
        };
        let rounds = rounds(letters.iter().map(wait).collect());
        let plain = |waiting: &Waiting<Letter>| (waiting.question.0, waiting.question.1);
        rounds.iter().map(|round| round.iter().map(plain).collect()).collect()
    }

    #[test]
    fn a_round_is_sorted_and_changes_no_row_twice() {
        assert_eq!(arranged(&[]), Vec::<Vec<_>>::new());
        assert_eq!(arranged(&[(3, 'a'), (1, 'b'), (2, 'c')]), [[(1, 'b'), (2, 'c'), (3, 'a')]]);
        assert_eq!(
            arranged(&[(2, 'a'), (1, 'x'), (2, 'b'), (2, 'b'), (2, 'a'), (3, 'y')]),
            [vec![(1, 'x'), (2, 'a'), (3, 'y')], vec![(2, 'b'), (2, 'b')], vec![(2, 'a')]]
        );
    }
}
