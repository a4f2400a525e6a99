//! The one thread that writes. It takes the jobs that wait, runs each so that it can be undone by itself, commits
//! them together and only then answers: one flush to disk serves everyone who waited for it.

use std::thread::JoinHandle;
use std::time::{Duration, Instant};

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

/// The handle of the writer thread. The thread ends, after the jobs that wait, when the handle is dropped.
#[derive(Debug)]
pub(crate) struct Writer {
    jobs: mpsc::Sender<Job>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// `database`: its name in metrics and of the thread.
    pub(crate) fn start(database: &'static str, connection: Connection) -> Result<Self> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new()
            .stack_size(THREAD_STACK_BYTES)
            .name(format!("{database}-writer"))
            .spawn(move || run(database, connection, queue))
            .map_err(|error| StoreError::Internal(format!("cannot start the writer thread: {error}")))?;
        Ok(Self { jobs, thread: Some(thread) })
    }

    pub(crate) async fn submit(&self, job: Job) -> Result<()> {
        self.jobs.send(job).await.map_err(|_| StoreError::Unavailable("the database is closed".to_owned()))
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

fn run(database: &'static str, connection: Connection, mut queue: mpsc::Receiver<Job>) {
    let mut connection = Some(connection);
    while let Some(first) = queue.blocking_recv() {
        let Some(taken) = connection.take() else { return };
        let started = Instant::now();
        connection = Some(run_group(taken, first, &mut queue));
        metrics::histogram!("sluice_store_commit_seconds", "database" => database)
            .record(started.elapsed().as_secs_f64());
    }
    if let Some(connection) = connection {
        // Best effort: what is not moved now is read from the log at the next start.
        let _ = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
    }
}

fn run_group(connection: Connection, first: Job, queue: &mut mpsc::Receiver<Job>) -> Connection {
    if let Err(error) = execute(&connection, "BEGIN IMMEDIATE") {
        first(Err(error.clone()))(Err(error));
        return connection;
    }
    let started = Instant::now();
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
        next = if is_full { None } else { queue.try_recv().ok() };
    }
    let must_roll_back = tx.must_roll_back;
    let Backend::Sqlite(SqliteTx(connection)) = tx.into_backend() else {
        unreachable!("the transaction was made of SQLite a few lines above")
    };
    let outcome = execute(&connection, if must_roll_back { "ROLLBACK" } else { "COMMIT" });
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
