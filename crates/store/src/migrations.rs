//! The schema, as a list of steps that only grows. Each step is one text for both databases.

mod run_tallies;

use crate::tx::Backend;
use crate::{Database, Dialect, Result, Store, StoreError, Tx, params};

struct Migration {
    version: i64,
    name: &'static str,
    source: &'static str,
    /// What the two databases write differently, such as triggers; comes after `source`.
    dialect_source: fn(Dialect) -> String,
}

const MAIN: &[Migration] = &[
    Migration {
        version: 1,
        name: "initial",
        source: include_str!("migrations/main/0001_initial.sql"),
        dialect_source: nothing_more,
    },
    Migration {
        version: 2,
        name: "changed runs index",
        source: include_str!("migrations/main/0002_changed_runs_index.sql"),
        dialect_source: nothing_more,
    },
    Migration {
        version: 3,
        name: "task runs by start",
        source: include_str!("migrations/main/0003_task_runs_by_start.sql"),
        dialect_source: nothing_more,
    },
    Migration {
        version: 4,
        name: "run tallies",
        source: include_str!("migrations/main/0004_run_tallies.sql"),
        dialect_source: run_tallies::source,
    },
];

const TELEMETRY: &[Migration] = &[
    Migration {
        version: 1,
        name: "initial",
        source: include_str!("migrations/telemetry/0001_initial.sql"),
        dialect_source: nothing_more,
    },
    Migration {
        version: 2,
        name: "logs of replicas",
        source: include_str!("migrations/telemetry/0002_logs_of_replicas.sql"),
        dialect_source: nothing_more,
    },
];

fn nothing_more(_: Dialect) -> String {
    String::new()
}

const SQLITE_STATISTICS: &str = include_str!("migrations/main/sqlite_statistics.sql");

/// Where a database stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MigrationStatus {
    /// The version that was found; 0 for an empty database.
    pub found: i64,
    /// The newest version that this program knows.
    pub known: i64,
}

impl MigrationStatus {
    /// Whether there is nothing to do.
    pub fn is_current(self) -> bool {
        self.found == self.known
    }
}

/// Any number: replicas that start together take turns.
const ADVISORY_LOCK: &str = "SELECT pg_advisory_xact_lock(7231845500117)";

pub(crate) async fn migrate(store: &Store) -> Result<MigrationStatus> {
    let before = status(store).await?;
    if before.found > before.known {
        return Err(StoreError::TooNew { found: before.found, known: before.known });
    }
    for database in [Database::Main, Database::Telemetry] {
        store.write_to(database, database, |tx, database| Box::pin(apply(tx, *database))).await?;
    }
    Ok(before)
}

/// The status of the main database; it is the last to be brought up to date by a version.
pub(crate) async fn status(store: &Store) -> Result<MigrationStatus> {
    let mut worst = MigrationStatus { found: i64::MAX, known: 0 };
    for database in [Database::Main, Database::Telemetry] {
        let found =
            store.read_from(database, database, |tx, database| Box::pin(version(tx, *database))).await?;
        let known = newest(steps(database));
        if found > known {
            return Ok(MigrationStatus { found, known });
        }
        if found < known || worst.known == 0 {
            worst = MigrationStatus { found: found.min(worst.found), known };
        }
    }
    Ok(worst)
}

fn steps(database: Database) -> &'static [Migration] {
    match database {
        Database::Main => MAIN,
        Database::Telemetry => TELEMETRY,
    }
}

fn newest(steps: &[Migration]) -> i64 {
    steps.last().map_or(0, |step| step.version)
}

fn part(database: Database) -> &'static str {
    match database {
        Database::Main => "main",
        Database::Telemetry => "telemetry",
    }
}

async fn version(tx: &mut Tx, database: Database) -> Result<i64> {
    let table_exists: Option<bool> = match tx.dialect() {
        Dialect::Sqlite => {
            tx.scalar("SELECT count(*) FROM sqlite_master WHERE name = 'schema_version'", Vec::new()).await?
        }
        Dialect::Postgres => {
            tx.scalar("SELECT to_regclass('schema_version') IS NOT NULL", Vec::new()).await?
        }
    };
    if table_exists != Some(true) {
        return Ok(0);
    }
    let version = tx
        .scalar(
            "SELECT COALESCE(MAX(version), 0) FROM schema_version WHERE part = ?1",
            params![part(database)],
        )
        .await?;
    Ok(version.unwrap_or(0))
}

async fn apply(tx: &mut Tx, database: Database) -> Result<()> {
    let dialect = tx.dialect();
    if dialect == Dialect::Postgres {
        script(tx, ADVISORY_LOCK).await?;
    }
    script(
        tx,
        &dialect.schema(
            "CREATE TABLE IF NOT EXISTS schema_version (
                part text NOT NULL, version {int} NOT NULL, name text NOT NULL, PRIMARY KEY (part, version))",
        ),
    )
    .await?;
    let found = version(tx, database).await?;
    for step in steps(database).iter().filter(|step| step.version > found) {
        script(tx, &dialect.schema(step.source)).await?;
        script(tx, &(step.dialect_source)(dialect)).await?;
        tx.execute(
            "INSERT INTO schema_version (part, version, name) VALUES (?1, ?2, ?3)",
            params![part(database), step.version, step.name],
        )
        .await?;
        tracing::info!(part = part(database), version = step.version, step.name, "migrated the database");
    }
    let has_changed = found < newest(steps(database));
    if has_changed && database == Database::Main && dialect == Dialect::Sqlite {
        script(tx, SQLITE_STATISTICS).await?;
    }
    Ok(())
}

async fn script(tx: &mut Tx, text: &str) -> Result<()> {
    match tx.backend() {
        Backend::Sqlite(sqlite) => sqlite.execute_script(text),
        Backend::Postgres(postgres) => postgres.execute_script(text).await,
    }
}
