//! The store: where jobs are handed in.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use deadpool_postgres::Pool;
use futures::FutureExt;
use tokio::sync::{oneshot, watch};

use crate::postgres::PostgresTx;
use crate::sqlite::{self, Readers, Writer};
use crate::topic::{Notices, ScheduledRuns, Signals, Topic};
use crate::tx::Backend;
use crate::{Dialect, JobFuture, MigrationStatus, Result, StoreError, Tx, migrations};

/// How often a job is run again when PostgreSQL found it in conflict with another.
const CONFLICT_RETRIES: u32 = 10;

/// Which part of the storage a job is for. On SQLite each is a file with a writer of its own; on PostgreSQL
/// both are one database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// Flows, runs, deployments: everything but telemetry.
    Main,
    /// Events and logs.
    Telemetry,
}

/// What is known of a job beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum JobSize {
    /// It touches few rows.
    Small,
    Any,
}

/// Where the data is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file; telemetry goes into a second one beside it.
    Sqlite(PathBuf),
    /// A connection URL.
    Postgres(String),
}

impl FromStr for DatabaseUrl {
    type Err = StoreError;

    /// Reads `sqlite:///relative.db`, `sqlite:////absolute.db` or `sqlite:///absolute.db` with an absolute
    /// path, and `postgres://user:password@host:port/database`; driver suffixes such as `+asyncpg` are ignored.
    fn from_str(url: &str) -> Result<Self> {
        let invalid = || {
            StoreError::InvalidUrl(format!(
                "{}: expected sqlite:///path/to/file.db or postgres://user:password@host:5432/database",
                url.split('@').next_back().unwrap_or_default()
            ))
        };
        let (scheme, rest) = url.split_once("://").ok_or_else(invalid)?;
        let scheme = scheme.split('+').next().unwrap_or_default();
        match scheme {
            "sqlite" => {
                let path = rest.split('?').next().unwrap_or_default();
                let path = if path.starts_with("//") { &path[1..] } else { path };
                if path.is_empty() || path == "/" || path.contains(":memory:") {
                    return Err(StoreError::InvalidUrl(format!(
                        "{url}: name a file, as in sqlite:///path/to/file.db"
                    )));
                }
                Ok(Self::Sqlite(PathBuf::from(path)))
            }
            "postgres" | "postgresql" => Ok(Self::Postgres(format!("postgres://{rest}"))),
            _ => Err(invalid()),
        }
    }
}

/// How much the store may use.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Threads that read, for each of the two files (SQLite).
    pub reader_threads: usize,
    /// Connections (PostgreSQL).
    pub connections: usize,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self { reader_threads: 2, connections: 16 }
    }
}

/// The storage. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    backend: Connections,
    signals: Arc<Signals>,
}

#[derive(Debug)]
enum Connections {
    Sqlite { main: SqliteFile, telemetry: SqliteFile },
    Postgres { pool: Pool, listener: tokio::task::JoinHandle<()> },
}

#[derive(Debug)]
struct SqliteFile {
    writer: Writer,
    readers: Readers,
}

impl SqliteFile {
    fn open(name: &'static str, path: &Path, options: &StoreOptions) -> Result<Self> {
        let writer = Writer::start(name, sqlite::open_for_writing(path)?)?;
        let readers = Readers::start(&format!("{name}-reader"), path, options.reader_threads)?;
        Ok(Self { writer, readers })
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Connections::Postgres { listener, .. } = &self.backend {
            listener.abort();
        }
    }
}

impl Store {
    /// Opens the database. Call [`Store::migrate`] before using it.
    pub async fn open(url: &DatabaseUrl, options: StoreOptions) -> Result<Self> {
        let signals = Arc::new(Signals::new());
        let backend = match url {
            DatabaseUrl::Sqlite(path) => Connections::Sqlite {
                main: SqliteFile::open("main", path, &options)?,
                telemetry: SqliteFile::open("telemetry", &telemetry_path(path), &options)?,
            },
            DatabaseUrl::Postgres(url) => {
                let target = crate::postgres::Target::from_url(url)?;
                let pool = crate::postgres::pool(target.clone(), options.connections)?;
                drop(pool.get().await?);
                let listener = tokio::spawn(crate::postgres::listen(target, Arc::clone(&signals)));
                Connections::Postgres { pool, listener }
            }
        };
        Ok(Self { inner: Arc::new(Inner { backend, signals }) })
    }

    /// Which database this is.
    pub fn dialect(&self) -> Dialect {
        match &self.inner.backend {
            Connections::Sqlite { .. } => Dialect::Sqlite,
            Connections::Postgres { .. } => Dialect::Postgres,
        }
    }

    /// Brings the schema to the newest version; returns what it found and did.
    pub async fn migrate(&self) -> Result<MigrationStatus> {
        migrations::migrate(self).await
    }

    /// Which schema version the database has, without changing it.
    pub async fn migration_status(&self) -> Result<MigrationStatus> {
        migrations::status(self).await
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        self.read((), |tx, ()| {
            Box::pin(async move {
                let _: Option<i64> = tx.scalar("SELECT count(*) FROM schema_version", Vec::new()).await?;
                Ok(())
            })
        })
        .await
    }

    /// A number that grows whenever something about `topic` was committed, by any replica.
    pub fn subscribe(&self, topic: Topic) -> watch::Receiver<u64> {
        self.inner.signals.subscribe(topic)
    }

    /// Hears in which queues runs are scheduled, by any replica.
    pub fn subscribe_scheduled(&self) -> ScheduledRuns {
        self.inner.signals.subscribe_scheduled()
    }

    /// How many write jobs wait (SQLite) or how many callers wait for a connection (PostgreSQL).
    pub fn queue_depth(&self, database: Database) -> usize {
        match &self.inner.backend {
            Connections::Sqlite { main, telemetry } => match database {
                Database::Main => main.writer.queue_depth(),
                Database::Telemetry => telemetry.writer.queue_depth(),
            },
            Connections::Postgres { pool, .. } => pool.status().waiting,
        }
    }

    /// Runs `job` in a transaction on the main database. The result is handed out after the commit.
    pub async fn write<A, T, E, F>(&self, arguments: A, job: F) -> Result<T, E>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        E: JobError,
        F: for<'t> Fn(&'t mut Tx, &'t A) -> JobFuture<'t, T, E> + Send + Sync + 'static,
    {
        self.write_to(Database::Main, arguments, job).await
    }

    /// Reads one snapshot of the main database (on PostgreSQL each statement is its own).
    pub async fn read<A, T, E, F>(&self, arguments: A, job: F) -> Result<T, E>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        E: JobError,
        F: for<'t> Fn(&'t mut Tx, &'t A) -> JobFuture<'t, T, E> + Send + Sync + 'static,
    {
        self.read_from(Database::Main, arguments, job).await
    }

    /// As [`Store::read`], with all statements of the job on one snapshot on PostgreSQL too, for two round trips more.
    pub async fn read_snapshot<A, T, E, F>(&self, arguments: A, job: F) -> Result<T, E>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        E: JobError,
        F: for<'t> Fn(&'t mut Tx, &'t A) -> JobFuture<'t, T, E> + Send + Sync + 'static,
    {
        let Connections::Postgres { pool, .. } = &self.inner.backend else {
            return self.read(arguments, job).await;
        };
        let client = pool.get().await.map_err(|error| E::from(error.into()))?;
        let mut tx = Tx::new(Backend::Postgres(PostgresTx::for_snapshot(client)));
        let outcome = job(&mut tx, &arguments).await;
        if let Backend::Postgres(postgres) = tx.into_backend() {
            // It only read: nothing can be lost.
            postgres.roll_back().await;
        }
        outcome
    }

    /// As [`Store::write`], for a job that touches few rows, whatever it is asked for. On SQLite it may run on the
    /// thread of the caller, who serves nobody else meanwhile.
    pub async fn write_small<A, T, E, F>(&self, arguments: A, job: F) -> Result<T, E>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        E: JobError,
        F: for<'t> Fn(&'t mut Tx, &'t A) -> JobFuture<'t, T, E> + Send + Sync + 'static,
    {
        self.hand_in(Database::Main, JobSize::Small, arguments, job).await
    }

    /// As [`Store::write`], for either part. PostgreSQL may run the job more than once.
    pub async fn write_to<A, T, E, F>(&self, database: Database, arguments: A, job: F) -> Result<T, E>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        E: JobError,
        F: for<'t> Fn(&'t mut Tx, &'t A) -> JobFuture<'t, T, E> + Send + Sync + 'static,
    {
        self.hand_in(database, JobSize::Any, arguments, job).await
    }

    async fn hand_in<A, T, E, F>(
        &self,
        database: Database,
        size: JobSize,
        arguments: A,
        job: F,
    ) -> Result<T, E>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        E: JobError,
        F: for<'t> Fn(&'t mut Tx, &'t A) -> JobFuture<'t, T, E> + Send + Sync + 'static,
    {
        match &self.inner.backend {
            Connections::Sqlite { main, telemetry } => {
                let file = if database == Database::Main { main } else { telemetry };
                let (answer, answered) = oneshot::channel();
                let signals = Arc::clone(&self.inner.signals);
                let queued = Box::new(move |tx: Result<&mut Tx>| -> sqlite::Answer {
                    let outcome = tx.map_err(E::from).and_then(|tx| all_or_nothing(tx, &arguments, &job));
                    Box::new(move |committed| {
                        let outcome = outcome.and_then(|(value, notices)| {
                            committed.map_err(E::from)?;
                            signals.tell(&notices);
                            Ok(value)
                        });
                        // Who asked may have gone away; what was committed stays.
                        let _ = answer.send(outcome);
                    })
                });
                let _under_way = file.writer.arrive();
                match size {
                    JobSize::Small => file.writer.submit_small(queued).await,
                    JobSize::Any => file.writer.submit(queued).await,
                }
                .map_err(E::from)?;
                answered.await.unwrap_or_else(|_| Err(E::from(lost_answer())))
            }
            Connections::Postgres { pool, .. } => {
                let pool = pool.clone();
                let signals = Arc::clone(&self.inner.signals);
                // A task of its own: a client that goes away must not cut a transaction in two.
                let task =
                    tokio::spawn(async move { write_postgres(&pool, &signals, &arguments, &job).await });
                task.await.unwrap_or_else(|error| {
                    Err(E::from(StoreError::Internal(format!("a job failed: {error}"))))
                })
            }
        }
    }

    /// As [`Store::read`], for either part.
    pub async fn read_from<A, T, E, F>(&self, database: Database, arguments: A, job: F) -> Result<T, E>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        E: JobError,
        F: for<'t> Fn(&'t mut Tx, &'t A) -> JobFuture<'t, T, E> + Send + Sync + 'static,
    {
        match &self.inner.backend {
            Connections::Sqlite { main, telemetry } => {
                let file = if database == Database::Main { main } else { telemetry };
                let (answer, answered) = oneshot::channel();
                let queued = Box::new(move |tx: Result<&mut Tx>| -> sqlite::Answer {
                    let outcome = tx.map_err(E::from).and_then(|tx| run_at_once(tx, &arguments, &job));
                    let _ = answer.send(outcome);
                    Box::new(|_| {})
                });
                file.readers.submit(queued).map_err(E::from)?;
                answered.await.unwrap_or_else(|_| Err(E::from(lost_answer())))
            }
            Connections::Postgres { pool, .. } => {
                let client = pool.get().await.map_err(|error| E::from(error.into()))?;
                let mut tx = Tx::new(Backend::Postgres(PostgresTx::for_reading(client)));
                job(&mut tx, &arguments).await
            }
        }
    }
}

fn telemetry_path(main: &Path) -> PathBuf {
    let stem = main.file_stem().unwrap_or_default().to_string_lossy();
    let extension =
        main.extension().map(|extension| format!(".{}", extension.to_string_lossy())).unwrap_or_default();
    main.with_file_name(format!("{stem}-telemetry{extension}"))
}

fn lost_answer() -> StoreError {
    StoreError::Internal("a database job ended without an answer".to_owned())
}

/// An error that a job may end with.
pub trait JobError: From<StoreError> + Send + 'static {
    /// The error of the store behind it, if it is one.
    fn store_error(&self) -> Option<&StoreError>;
}

impl JobError for StoreError {
    fn store_error(&self) -> Option<&StoreError> {
        Some(self)
    }
}

/// Polls the job's future on the thread of the connection. SQLite never waits, so one poll ends it.
fn run_at_once<A, T, E, F>(tx: &mut Tx, arguments: &A, job: &F) -> Result<T, E>
where
    E: JobError,
    F: for<'t> Fn(&'t mut Tx, &'t A) -> JobFuture<'t, T, E>,
{
    let polled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(tx, arguments).now_or_never()));
    match polled {
        Ok(Some(outcome)) => outcome,
        Ok(None) => Err(E::from(StoreError::Internal("a database job waited for something else".to_owned()))),
        Err(_) => Err(E::from(StoreError::Internal("a database job panicked".to_owned()))),
    }
}

/// Runs the job so that nothing of it stays when it fails. The first job of a transaction needs no savepoint,
/// which costs a copy of every page that it changes: the whole transaction is its own.
fn all_or_nothing<A, T, E, F>(tx: &mut Tx, arguments: &A, job: &F) -> Result<(T, Notices), E>
where
    E: JobError,
    F: for<'t> Fn(&'t mut Tx, &'t A) -> JobFuture<'t, T, E>,
{
    let needs_savepoint = tx.has_earlier_jobs;
    if needs_savepoint {
        savepoint(tx, "SAVEPOINT job").map_err(E::from)?;
    }
    let outcome = run_at_once(tx, arguments, job);
    let notices = std::mem::take(&mut tx.notices);
    if needs_savepoint {
        if outcome.is_err() {
            savepoint(tx, "ROLLBACK TO job").map_err(E::from)?;
        }
        savepoint(tx, "RELEASE job").map_err(E::from)?;
    } else {
        tx.must_roll_back = outcome.is_err();
    }
    outcome.map(|value| (value, notices))
}

fn savepoint(tx: &mut Tx, text: &str) -> Result<()> {
    match tx.backend() {
        Backend::Sqlite(sqlite) => sqlite.execute(text, &[]).map(|_| ()),
        Backend::Postgres(_) => Ok(()),
    }
}

async fn write_postgres<A, T, E, F>(pool: &Pool, signals: &Signals, arguments: &A, job: &F) -> Result<T, E>
where
    E: JobError,
    F: for<'t> Fn(&'t mut Tx, &'t A) -> JobFuture<'t, T, E>,
{
    let mut tries = 0;
    loop {
        let client = pool.get().await.map_err(|error| E::from(error.into()))?;
        let mut tx = Tx::new(Backend::Postgres(PostgresTx::for_writing(client)));
        let started = Instant::now();
        let outcome = job(&mut tx, arguments).await;
        let notices = std::mem::take(&mut tx.notices);
        let Backend::Postgres(postgres) = tx.into_backend() else {
            return Err(E::from(StoreError::Internal("a job changed its database".to_owned())));
        };
        let error = match outcome {
            Ok(value) => match postgres.commit(&notices).await {
                Ok(()) => {
                    metrics::histogram!("sluice_store_commit_seconds", "database" => "postgres")
                        .record(started.elapsed().as_secs_f64());
                    signals.tell(&notices);
                    return Ok(value);
                }
                Err(error) => E::from(error),
            },
            Err(error) => {
                postgres.roll_back().await;
                error
            }
        };
        tries += 1;
        if !matches!(error.store_error(), Some(StoreError::Conflict(_))) || tries > CONFLICT_RETRIES {
            return Err(error);
        }
        tokio::time::sleep(Duration::from_millis(u64::from(tries) * 5)).await;
    }
}
