//! A steady load of visitors.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use tokio::task::JoinHandle;

use super::PATIENCE;
use super::visitor::{Away, Visitor};
use crate::deployment::clock;

/// The results of one visitor's rounds so far.
#[derive(Default)]
struct Tally {
    begun: AtomicU64,
    good: AtomicU64,
    /// The number of the last round that went well.
    last_good: AtomicU64,
    away: Mutex<Vec<Away>>,
    settled: AtomicBool,
    stop: AtomicBool,
}

pub struct Load {
    visitors: Vec<(Arc<Tally>, JoinHandle<()>)>,
}

impl Load {
    /// Goes on until [`Load::end`], each visitor with a few films of their own.
    pub fn start(site: &str, films: &[String], visitors: usize) -> Self {
        let start = |number: usize| {
            let films = films[number * 4..][..4].to_vec();
            let mut visitor = Visitor::new(site.to_owned(), films);
            let tally = Arc::<Tally>::default();
            let kept = tally.clone();
            let task = async move {
                let mut clock = clock();
                while !kept.stop.load(Relaxed) {
                    clock.tick().await;
                    if kept.settled.swap(false, Relaxed) {
                        visitor.settle();
                    }
                    let round = kept.begun.fetch_add(1, Relaxed) + 1;
                    match visitor.look_around().await {
                        Ok(()) => {
                            kept.last_good.store(round, Relaxed);
                            kept.good.fetch_add(1, Relaxed);
                        }
                        Err(away) => kept.away.lock().unwrap().push(away),
                    }
                }
            };
            (tally, tokio::spawn(task))
        };
        Self { visitors: (0..visitors).map(start).collect() }
    }

    /// Rounds that met an error page, or no page.
    pub fn away(&self) -> Vec<Away> {
        self.each(|tally| tally.away.lock().unwrap().clone()).concat()
    }

    pub fn good(&self) -> u64 {
        self.visitors.iter().map(|(tally, _)| tally.good.load(Relaxed)).sum()
    }

    /// Returns when somebody meets the fault, or everybody has been around without noticing it.
    pub async fn meets_it(&self) {
        let away = self.away().len();
        let begun: Vec<u64> = self.each(|tally| tally.begun.load(Relaxed));
        let met = || {
            let rounds = self.each(|tally| tally.begun.load(Relaxed));
            self.away().len() > away || rounds.iter().zip(&begun).all(|(now, then)| *now > then + 1)
        };
        self.until("visitors in the fault", met).await;
    }

    /// Returns when every visitor has been around, from the first page on.
    pub async fn is_well(&self) {
        let begun: Vec<u64> = self.each(|tally| tally.begun.load(Relaxed));
        let well = || {
            let last = self.each(|tally| tally.last_good.load(Relaxed));
            last.iter().zip(&begun).all(|(last, begun)| last > begun)
        };
        self.until("every visitor well again", well).await;
        // Heard by everybody before the next fault brings new doubts.
        self.each(|tally| tally.settled.store(true, Relaxed));
        let heard = || self.each(|tally| tally.settled.load(Relaxed)).iter().all(|on| !on);
        self.until("every visitor certain", heard).await;
    }

    /// Stops when the rounds under way are over; what a visitor found wrong is a panic here.
    pub async fn end(self) {
        self.each(|tally| tally.stop.store(true, Relaxed));
        for (_, task) in self.visitors {
            task.await.unwrap();
        }
    }

    fn each<T>(&self, of: impl Fn(&Tally) -> T) -> Vec<T> {
        self.visitors.iter().map(|(tally, _)| of(tally)).collect()
    }

    pub async fn until(&self, what: &str, condition: impl Fn() -> bool) {
        let (began, mut clock) = (Instant::now(), clock());
        while !condition() {
            let failed = self.visitors.iter().any(|(_, task)| task.is_finished());
            assert!(!failed, "a visitor found something wrong");
            assert!(began.elapsed() < PATIENCE * 2, "not in time: {what}");
            clock.tick().await;
        }
    }
}
