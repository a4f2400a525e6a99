//! The one connection that writes, and the thread that it usually works on. The thread takes the jobs that wait, runs
//! each so that it can be undone by itself, commits them together and only then answers: one flush to disk serves
//! everyone who waited for it.
//!
//! A small job that is alone is run where it was handed in: to wake the thread and to be woken by it costs as much as
//! a tenth of all that a request costs.

use std::sync::atomic::{AtomicI32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use metrics::Histogram;
use rusqlite::Connection;
use tokio::sync::mpsc;

use super::{Answer, Job, SqliteTx};
use crate::tx::Backend;
use crate::{Result, StoreError, THREAD_STACK_BYTES, Tx};

/// How many jobs may wait; who comes later waits for a place.
const QUEUE: usize = 4_096;
/// When a group is committed at the latest.
const GROUP_JOBS: usize = 512;
const GROUP_TIME: Duration = Duration::from_millis(20);
/// Pages of 4 KiB in the write-ahead log before they are moved into the database file.
const CHECKPOINT_PAGES: i32 = 4_000;
/// While commits take longer than this on average, no job runs where it was handed in: others wait there.
const QUICK_COMMIT: Duration = Duration::from_millis(1);

/// The handle of the connection. The thread ends, after the jobs that wait, when the handle is dropped.
#[derive(Debug)]
pub(crate) struct Writer {
    shared: Arc<Shared>,
    jobs: mpsc::Sender<Job>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread shares with those who hand in jobs.
#[derive(Debug)]
struct Shared {
    /// Only missing while somebody works with it, who holds the lock.
    connection: Mutex<Option<Connection>>,
    /// Jobs that are handed in and not answered.
    under_way: AtomicUsize,
    /// Pages in the write-ahead log after the last commit.
    log_pages: Arc<AtomicI32>,
    /// How long a commit takes, on a moving average.
    commit_nanoseconds: AtomicU64,
    commit_seconds: Histogram,
}

/// A job that is under way, as long as it lives.
pub(crate) struct UnderWay<'w>(&'w AtomicUsize);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Writer {
    /// `database`: its name in metrics and of the thread.
    pub(crate) fn start(database: &'static str, mut connection: Connection) -> Result<Self> {
        let log_pages = Arc::new(AtomicI32::new(0));
        let counted = Arc::clone(&log_pages);
        // The thread moves the log when everybody has an answer, not the commit that makes it too long.
        connection.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, pages| {
            counted.store(pages, Ordering::Relaxed);
            Ok(())
        }))?;
        let shared = Arc::new(Shared {
            connection: Mutex::new(Some(connection)),
            under_way: AtomicUsize::new(0),
            log_pages,
            commit_nanoseconds: AtomicU64::new(0),
            commit_seconds: metrics::histogram!("sluice_store_commit_seconds", "database" => database),
        });
        let (jobs, queue) = mpsc::channel(QUEUE);
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .stack_size(THREAD_STACK_BYTES)
            .name(format!("{database}-writer"))
            .spawn(move || run(&of_thread, queue))
            .map_err(|error| StoreError::Internal(format!("cannot start the writer thread: {error}")))?;
        Ok(Self { shared, jobs, thread: Some(thread) })
    }

    /// Says that a job comes; to be held until it is answered.
    pub(crate) fn arrive(&self) -> UnderWay<'_> {
        self.shared.under_way.fetch_add(1, Ordering::Relaxed);
        UnderWay(&self.shared.under_way)
    }

    /// Hands in a job.
    pub(crate) async fn submit(&self, job: Job) -> Result<()> {
        self.jobs.send(job).await.map_err(|_| StoreError::Unavailable("the database is closed".to_owned()))
    }

    /// Hands in a job that touches few rows: it runs here and now if it is alone and commits are quick.
    pub(crate) async fn submit_small(&self, job: Job) -> Result<()> {
        if self.shared.may_run_at_once() {
            // Whoever came at the same time gets to say so: together they need one flush.
            tokio::task::yield_now().await;
            if self.shared.may_run_at_once()
                && let Ok(mut connection) = self.shared.connection.try_lock()
                && let Some(taken) = connection.take()
            {
                *connection = Some(run_group(&self.shared, taken, job, || None));
                return Ok(());
            }
        }
        self.submit(job).await
    }

    /// How many jobs wait.
    pub(crate) fn queue_depth(&self) -> usize {
        QUEUE - self.jobs.capacity()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let (closed, _) = mpsc::channel(1);
        self.jobs = closed;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was logged where it happened.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn may_run_at_once(&self) -> bool {
        self.under_way.load(Ordering::Relaxed) == 1
            && self.log_pages.load(Ordering::Relaxed) < CHECKPOINT_PAGES
            && self.commit_nanoseconds.load(Ordering::Relaxed) < QUICK_COMMIT.as_nanos() as u64
    }

    fn note_commit(&self, took: Duration) {
        let took = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        let average = self.commit_nanoseconds.load(Ordering::Relaxed);
        self.commit_nanoseconds.store(average / 8 * 7 + took / 8, Ordering::Relaxed);
    }
}

fn run(shared: &Shared, mut queue: mpsc::Receiver<Job>) {
    while let Some(first) = queue.blocking_recv() {
        let mut connection = shared.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(taken) = connection.take() else { return };
        let used = run_group(shared, taken, first, || queue.try_recv().ok());
        if shared.log_pages.load(Ordering::Relaxed) >= CHECKPOINT_PAGES {
            move_log(shared, &used);
        }
        *connection = Some(used);
    }
    let connection = match shared.connection.try_lock() {
        Ok(connection) => connection,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        Err(TryLockError::WouldBlock) => return,
    };
    if let Some(connection) = connection.as_ref() {
        // Best effort: what is not moved now is read from the log at the next start.
        let _ = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
    }
}

/// Moves what readers do not need any more from the log into the database file. The log is written from its beginning
/// again once all of it was moved; if it was not, the next commit is a new occasion.
fn move_log(shared: &Shared, connection: &Connection) {
    let started = Instant::now();
    match connection.prepare_cached("PRAGMA wal_checkpoint(PASSIVE)").and_then(|mut statement| {
        statement.query_row([], |row| Ok((row.get::<_, i32>(1)?, row.get::<_, i32>(2)?)))
    }) {
        Ok((pages, moved)) => {
            shared.log_pages.store(pages - moved, Ordering::Relaxed);
            tracing::debug!(pages, moved, took = ?started.elapsed(), "moved the write-ahead log");
        }
        // A full disk, for example: commits fail for the same reason and say so to whoever asks.
        Err(error) => tracing::warn!(%error, "cannot move the write-ahead log into the database"),
    }
}

fn run_group(
    shared: &Shared,
    connection: Connection,
    first: Job,
    mut next_job: impl FnMut() -> Option<Job>,
) -> Connection {
    let started = Instant::now();
    if let Err(error) = execute(&connection, "BEGIN IMMEDIATE") {
        first(Err(error.clone()))(Err(error));
        return connection;
    }
    let mut answers: Vec<Answer> = Vec::new();
    let mut tx = Tx::new(Backend::Sqlite(SqliteTx(connection)));
    let mut next = Some(first);
    while let Some(job) = next {
        answers.push(job(Ok(&mut tx)));
        if tx.must_roll_back {
            break;
        }
        tx.has_earlier_jobs = true;
        let is_full = answers.len() >= GROUP_JOBS || started.elapsed() >= GROUP_TIME;
        next = if is_full { None } else { next_job() };
    }
    let must_roll_back = tx.must_roll_back;
    let Backend::Sqlite(SqliteTx(connection)) = tx.into_backend() else {
        unreachable!("the transaction was made of SQLite a few lines above")
    };
    let before_commit = Instant::now();
    let outcome = execute(&connection, if must_roll_back { "ROLLBACK" } else { "COMMIT" });
    shared.note_commit(before_commit.elapsed());
    shared.commit_seconds.record(started.elapsed().as_secs_f64());
    if outcome.is_err() && !connection.is_autocommit() {
        // A full disk leaves the transaction open; nothing of it may stay.
        let _ = execute(&connection, "ROLLBACK");
    }
    for answer in answers {
        answer(outcome.clone());
    }
    connection
}

fn execute(connection: &Connection, text: &str) -> Result<()> {
    connection.prepare_cached(text)?.execute([])?;
    Ok(())
}
