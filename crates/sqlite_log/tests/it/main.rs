//! A database written through the layer, read by connections that know nothing of it.

#![expect(clippy::expect_used, reason = "a test that cannot build its case has failed")]

use std::path::Path;

use proptest::prelude::*;
use rusqlite::Connection;
use tempfile::TempDir;

const NUMBERS: &str =
    "WITH RECURSIVE number AS (SELECT 1 AS value UNION ALL SELECT value + 1 FROM number LIMIT ?1)";
const TABLE: &str =
    "CREATE TABLE line (number INTEGER PRIMARY KEY, text BLOB); CREATE INDEX of_text ON line (text)";

fn opened(directory: &Path) -> Connection {
    let connection = sluice_sqlite_log::open(&directory.join("db")).expect("it opens");
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0)).expect("a mode");
    assert_eq!(mode, "wal");
    connection
}

fn execute(connection: &Connection, sql: &str) {
    connection.execute_batch(sql).expect(sql);
}

/// All that is committed, as a connection on SQLite's own layer sees it.
fn lines(directory: &Path) -> Vec<(i64, i64)> {
    let reader = Connection::open(directory.join("db")).expect("it opens");
    let check: String = reader.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("a check");
    assert_eq!(check, "ok");
    let mut statement =
        reader.prepare("SELECT number, length(text) FROM line ORDER BY number").expect("a statement");
    let found = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
    found.collect::<Result<_, _>>().expect("lines")
}

#[test]
fn it_syncs_each_commit() {
    let directory = TempDir::new().expect("a directory");
    let synchronous: i64 =
        opened(directory.path()).query_row("PRAGMA synchronous", [], |row| row.get(0)).expect("a setting");
    assert_eq!(synchronous, 2, "FULL");
}

#[test]
fn a_commit_is_there_for_others_at_once_and_after_a_crash() {
    let directory = TempDir::new().expect("a directory");
    let writer = opened(directory.path());
    execute(&writer, TABLE);
    let reader = Connection::open(directory.path().join("db")).expect("it opens");
    for number in 1..=50 {
        writer.execute("INSERT INTO line VALUES (?1, zeroblob(3000))", [number]).expect("it is written");
        let seen: i64 =
            reader.query_row("SELECT max(number) FROM line", [], |row| row.get(0)).expect("a number");
        assert_eq!(seen, number);
    }
    // What is in the files now is what a process that is killed leaves.
    let left = TempDir::new().expect("a directory");
    for name in ["db", "db-wal"] {
        std::fs::copy(directory.path().join(name), left.path().join(name)).expect("it is copied");
    }
    assert_eq!(lines(left.path()).len(), 50);
}

#[test]
#[cfg(target_os = "linux")]
fn a_commit_of_many_pages_is_one_write() {
    fn writes() -> u64 {
        let counters = std::fs::read_to_string("/proc/thread-self/io").expect("counters");
        let line = counters.lines().find_map(|line| line.strip_prefix("syscw: ")).expect("a counter");
        line.parse().expect("a number")
    }
    fn writes_of_a_commit(connection: &Connection) -> u64 {
        execute(connection, TABLE);
        execute(connection, "BEGIN");
        let insert = format!("INSERT INTO line {NUMBERS} SELECT value, zeroblob(2000) FROM number");
        connection.execute(&insert, [10]).expect("it is written");
        let before = writes();
        execute(connection, "COMMIT");
        writes() - before
    }
    let directory = TempDir::new().expect("a directory");
    assert_eq!(writes_of_a_commit(&opened(directory.path())), 1);
}

#[test]
fn what_was_not_committed_is_not_there() {
    let directory = TempDir::new().expect("a directory");
    let writer = opened(directory.path());
    execute(&writer, TABLE);
    execute(&writer, "PRAGMA cache_size = 10");
    execute(&writer, "INSERT INTO line VALUES (1, zeroblob(10))");
    // So much that pages go to the log before the end of the transaction, and are read back from there.
    execute(&writer, "BEGIN");
    for number in 2..500 {
        writer.execute("INSERT INTO line VALUES (?1, zeroblob(3000))", [number]).expect("it is written");
    }
    let sum: i64 =
        writer.query_row("SELECT sum(length(text)) FROM line", [], |row| row.get(0)).expect("a sum");
    assert_eq!(sum, 10 + 498 * 3000);
    assert_eq!(lines(directory.path()), [(1, 10)]);
    execute(&writer, "ROLLBACK");
    execute(&writer, "INSERT INTO line VALUES (3, zeroblob(20))");
    drop(writer);
    assert_eq!(lines(directory.path()), [(1, 10), (3, 20)]);
}

#[derive(Debug, Clone)]
enum Step {
    Insert { lines: i64, bytes: i64 },
    Delete { every: i64 },
    Commit,
    RollBack,
    Savepoint { is_kept: bool },
    MoveTheLog,
    OpenAgain,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1..40_i64, 0..6000_i64).prop_map(|(lines, bytes)| Step::Insert { lines, bytes }),
        1 => Just(Step::Insert { lines: 400, bytes: 3000 }),
        1 => (2..5_i64).prop_map(|every| Step::Delete { every }),
        3 => Just(Step::Commit),
        1 => Just(Step::RollBack),
        1 => any::<bool>().prop_map(|is_kept| Step::Savepoint { is_kept }),
        1 => Just(Step::MoveTheLog),
        1 => Just(Step::OpenAgain),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Any order of steps leaves what the same steps leave on SQLite's own layer.
    #[test]
    fn it_keeps_what_the_own_layer_keeps(steps in prop::collection::vec(step(), 1..40)) {
        let (ours, own) = (TempDir::new().expect("a directory"), TempDir::new().expect("a directory"));
        let own_layer = |directory: &Path| {
            let connection = Connection::open(directory.join("db")).expect("it opens");
            execute(&connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
            connection
        };
        let mut pair = [opened(ours.path()), own_layer(own.path())];
        for connection in &pair {
            execute(connection, TABLE);
            execute(connection, "PRAGMA cache_size = 10; BEGIN");
        }
        for step in steps {
            for (index, connection) in pair.iter_mut().enumerate() {
                let insert = format!("INSERT INTO line (text) {NUMBERS} SELECT randomblob(?2) FROM number");
                match &step {
                    Step::Insert { lines, bytes } => {
                        connection.execute(&insert, (lines, bytes)).expect("it is written");
                    }
                    Step::Delete { every } => {
                        connection.execute("DELETE FROM line WHERE number % ?1 = 0", [every]).expect("deleted");
                    }
                    Step::Commit => execute(connection, "COMMIT; BEGIN"),
                    Step::RollBack => execute(connection, "ROLLBACK; BEGIN"),
                    Step::Savepoint { is_kept } => {
                        execute(connection, "SAVEPOINT a");
                        connection.execute(&insert, (30, 500)).expect("it is written");
                        execute(connection, if *is_kept { "RELEASE a" } else { "ROLLBACK TO a; RELEASE a" });
                    }
                    Step::MoveTheLog => execute(connection, "COMMIT; PRAGMA wal_checkpoint(PASSIVE); BEGIN"),
                    Step::OpenAgain => {
                        *connection = if index == 0 { opened(ours.path()) } else { own_layer(own.path()) };
                        execute(connection, "PRAGMA cache_size = 10; BEGIN");
                    }
                }
            }
            prop_assert_eq!(lines(ours.path()), lines(own.path()));
        }
    }
}
