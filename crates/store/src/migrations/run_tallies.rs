//! The triggers that note which periods of `run_tally` runs changed in, and the note that all must be counted for the
//! runs that exist. SQLite has no functions, so its text is put together here; it must never change.

use crate::Dialect;

pub(super) fn source(dialect: Dialect) -> String {
    match dialect {
        Dialect::Sqlite => sqlite(),
        Dialect::Postgres => format!(
            "{}\n{}",
            include_str!("main/0004_run_tallies.postgres.sql"),
            [("flow_run", "COALESCE(start_time, expected_start_time)"), ("task_run", "start_time")]
                .map(|(table, started)| everything_changed(table, started, postgres_hour))
                .concat()
        ),
    }
}

fn sqlite() -> String {
    let mut text = "CREATE TABLE run_tally_change (
            workspace_id BLOB NOT NULL,
            kind TEXT NOT NULL,
            start INTEGER NOT NULL,
            PRIMARY KEY (workspace_id, kind, start)
        ) WITHOUT ROWID;"
        .to_owned();
    for (table, family) in [("flow_run", "parent_task_run_id"), ("task_run", "flow_run_id")] {
        text += &sqlite_triggers(table, family);
    }
    text += &sqlite_family_triggers();
    text += &everything_changed("flow_run", "COALESCE(start_time, expected_start_time)", sqlite_hour);
    text += &everything_changed("task_run", "start_time", sqlite_hour);
    text
}

/// A run has two times: when it is expected to start and when it started.
fn sqlite_triggers(table: &str, family: &str) -> String {
    let watched = [
        "state_type",
        "state_name",
        "state_timestamp",
        "expected_start_time",
        "start_time",
        "total_run_time",
        family,
    ];
    let changed = watched.map(|column| format!("OLD.{column} IS NOT NEW.{column}")).join(" OR ");
    let expected = |row: &str| touch(table, row, &format!("{row}.expected_start_time"), "");
    let started = |row: &str, condition: &str| {
        let condition = format!("WHERE {row}.start_time IS NOT NULL{condition}");
        touch(table, row, &format!("{row}.start_time"), &condition)
    };
    let moved = touch(
        table,
        "NEW",
        "NEW.expected_start_time",
        "WHERE NEW.expected_start_time IS NOT OLD.expected_start_time",
    );
    format!(
        "CREATE TRIGGER {table}_tally_insert AFTER INSERT ON {table} BEGIN {} {} END;
         CREATE TRIGGER {table}_tally_delete AFTER DELETE ON {table} BEGIN {} {} END;
         CREATE TRIGGER {table}_tally_update AFTER UPDATE OF {} ON {table} WHEN {changed}
         BEGIN {} {moved} {} {} END;",
        expected("NEW"),
        started("NEW", ""),
        expected("OLD"),
        started("OLD", ""),
        watched.join(", "),
        expected("OLD"),
        started("OLD", ""),
        started("NEW", " AND NEW.start_time IS NOT OLD.start_time"),
    )
}

/// Task runs are told apart by what they have to do with subflows: the task run that stands for one, and those that
/// are inside of one. A run that is new has no task runs yet.
fn sqlite_family_triggers() -> String {
    let both_times = |which: &str| {
        ["expected_start_time", "start_time"]
            .map(|time| {
                let more = if time == "start_time" { " AND task_run.start_time IS NOT NULL" } else { "" };
                touch(
                    "task_run",
                    "task_run",
                    &format!("task_run.{time}"),
                    &format!("FROM task_run WHERE {which}{more}"),
                )
            })
            .concat()
    };
    let stands_for = |row: &str| {
        both_times(&format!(
            "task_run.workspace_id = {row}.workspace_id AND task_run.id = {row}.parent_task_run_id"
        ))
    };
    let is_inside = |row: &str| {
        both_times(&format!("task_run.workspace_id = {row}.workspace_id AND task_run.flow_run_id = {row}.id"))
    };
    format!(
        "CREATE TRIGGER flow_run_family_insert AFTER INSERT ON flow_run WHEN NEW.parent_task_run_id IS NOT NULL
         BEGIN {} END;
         CREATE TRIGGER flow_run_family_update AFTER UPDATE OF parent_task_run_id ON flow_run
         WHEN OLD.parent_task_run_id IS NOT NEW.parent_task_run_id BEGIN {} {} {} END;
         CREATE TRIGGER flow_run_family_delete AFTER DELETE ON flow_run BEGIN {} {} END;",
        stands_for("NEW"),
        stands_for("OLD"),
        stands_for("NEW"),
        is_inside("OLD"),
        stands_for("OLD"),
        is_inside("OLD"),
    )
}

/// Notes that runs of the period around `moment` changed, unless that is noted already: then nothing is written.
/// `which` says of which rows, or on which condition.
fn touch(kind: &str, row: &str, moment: &str, which: &str) -> String {
    let (hour, second) = (sqlite_hour(moment), sqlite_whole(moment, 1_000_000));
    // Without a condition, SQLite would take ON CONFLICT for that of a join.
    let which = if which.is_empty() { "WHERE TRUE" } else { which };
    format!(
        "INSERT INTO run_tally_change (workspace_id, kind, start)
         SELECT {row}.workspace_id, '{kind}', COALESCE((
             SELECT max(run_tally.start) FROM run_tally
             WHERE run_tally.workspace_id = {row}.workspace_id AND run_tally.kind = '{kind}'
                 AND run_tally.start BETWEEN {hour} AND {second}), {hour})
         {which} ON CONFLICT DO NOTHING;"
    )
}

const NO_TIME: &str = "-3600000000000";

/// The second in which the hour begins.
fn sqlite_hour(moment: &str) -> String {
    sqlite_whole(moment, 3_600_000_000)
}

fn sqlite_whole(moment: &str, micros: i64) -> String {
    format!("COALESCE(({moment} - (({moment} % {micros}) + {micros}) % {micros}) / 1000000, {NO_TIME})")
}

fn postgres_hour(moment: &str) -> String {
    format!("COALESCE(CAST(floor(EXTRACT(EPOCH FROM {moment}) / 3600) AS bigint) * 3600, {NO_TIME})")
}

fn everything_changed(table: &str, started: &str, hour: fn(&str) -> String) -> String {
    let (expected, started_hour) = (hour("expected_start_time"), hour(started));
    format!(
        "INSERT INTO run_tally_change (workspace_id, kind, start)
         SELECT workspace_id, '{table}', {expected} FROM {table}
         UNION
         SELECT workspace_id, '{table}', {started_hour} FROM {table} WHERE {started} IS NOT NULL;"
    )
}
