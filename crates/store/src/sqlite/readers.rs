//! The threads that read, each with a connection of its own; a reader sees one snapshot for its whole job.

use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};

use rusqlite::Connection;

use super::{Job, SqliteTx, open_for_reading};
use crate::tx::Backend;
use crate::{Result, StoreError, THREAD_STACK_BYTES, Tx};

/// The handle of the reader threads. They end, after the jobs that wait, when the handle is dropped.
#[derive(Debug)]
pub(crate) struct Readers(mpsc::Sender<Job>);

impl Readers {
    pub(crate) fn start(name: &str, path: &Path, threads: usize) -> Result<Self> {
        let (jobs, queue) = mpsc::channel();
        let queue = Arc::new(Mutex::new(queue));
        for number in 0..threads {
            let connection = open_for_reading(path)?;
            let queue = Arc::clone(&queue);
            std::thread::Builder::new()
                .stack_size(THREAD_STACK_BYTES)
                .name(format!("{name}-{number}"))
                .spawn(move || run(connection, &queue))
                .map_err(|error| StoreError::Internal(format!("cannot start a reader thread: {error}")))?;
        }
        Ok(Self(jobs))
    }

    pub(crate) fn submit(&self, job: Job) -> Result<()> {
        self.0.send(job).map_err(|_| StoreError::Unavailable("the database is closed".to_owned()))
    }
}

fn run(connection: Connection, queue: &Mutex<mpsc::Receiver<Job>>) {
    let mut tx = Tx::new(Backend::Sqlite(SqliteTx(connection)));
    loop {
        let next = match queue.lock() {
            Ok(queue) => queue.recv(),
            Err(_) => return,
        };
        let Ok(job) = next else { return };
        let answer = match begin(&mut tx) {
            Ok(()) => job(Ok(&mut tx)),
            Err(error) => job(Err(error)),
        };
        if let Backend::Sqlite(SqliteTx(connection)) = tx.backend()
            && !connection.is_autocommit()
        {
            // Ending a transaction that only read cannot lose anything.
            let _ = connection.prepare_cached("ROLLBACK").and_then(|mut statement| statement.execute([]));
        }
        answer(Ok(()));
    }
}

fn begin(tx: &mut Tx) -> Result<()> {
    if let Backend::Sqlite(sqlite) = tx.backend() {
        sqlite.execute("BEGIN", &[])?;
    }
    Ok(())
}
