//! What is stored of the periods.

use sluice_wire::ids::WorkspaceId;

use super::asked::Asked;
use super::entry::Entry;
use super::{Basis, LENGTHS, NO_TIME, SECOND_MICROS};
use crate::run_history::RunKind;
use crate::{Json, Result, Sql, Tx};

/// A period in which there are runs, or may be.
pub(super) struct Stored {
    /// Seconds since 1970.
    pub(super) start: i64,
    pub(super) length: i64,
    /// `None`: not counted, or not any more.
    pub(super) entries: Option<Vec<Entry>>,
}

/// Whose periods, counted by which time.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) workspace: WorkspaceId,
    pub(super) kind: RunKind,
    pub(super) basis: Basis,
    pub(super) asked: &'a Asked,
}

/// In which seconds those periods begin that may overlap the bounds, which are microseconds, the end not included. The
/// runs without a time belong to all runs only.
pub(super) fn beginnings(bounds: (i64, i64)) -> (i64, i64) {
    let first = match bounds.0 {
        i64::MIN if bounds.1 == i64::MAX => NO_TIME,
        i64::MIN => NO_TIME + 1,
        // No period begins earlier and reaches into the bounds.
        micros => micros.div_euclid(SECOND_MICROS) - LENGTHS[0],
    };
    (first, bounds.1.div_euclid(SECOND_MICROS) + 1)
}

/// The periods that begin in these seconds, in no order. Those may be missing in which no run is asked for.
pub(super) async fn periods(tx: &mut Tx, source: Source<'_>, between: (i64, i64)) -> Result<Vec<Stored>> {
    let counts = match source.basis {
        Basis::Expected => "run_tally.by_expected",
        Basis::Start => "run_tally.by_start",
    };
    let key = "changed.workspace_id = run_tally.workspace_id AND changed.kind = run_tally.kind
        AND changed.start = run_tally.start";
    let mut sql = Sql::new(tx.dialect(), "SELECT run_tally.start, run_tally.length, CASE WHEN EXISTS (");
    sql.push("SELECT 1 FROM run_tally_change AS changed WHERE ").push(key);
    sql.push(") THEN NULL ELSE ").push(counts).push(" END FROM run_tally");
    push_range(&mut sql, "run_tally", source, between);
    push_marks(&mut sql, counts, &source.asked.marks(), key);
    sql.push(" UNION ALL SELECT changed.start, ").bind(LENGTHS[0]).push(", CAST(NULL AS text)");
    sql.push(" FROM run_tally_change AS changed");
    push_range(&mut sql, "changed", source, between);
    sql.push(" AND NOT EXISTS (SELECT 1 FROM run_tally WHERE ").push(key).push(")");
    let mut periods = Vec::new();
    for row in tx.query_sql(sql).await? {
        let mut columns = row.columns();
        let (start, length) = (columns.take()?, columns.take()?);
        let entries: Option<Json<Vec<Entry>>> = columns.take()?;
        periods.push(Stored { start, length, entries: entries.map(|Json(entries)| entries) });
    }
    Ok(periods)
}

/// When the first and the last period begin of those that begin in these seconds; `None` when there are none.
pub(super) async fn extent(
    tx: &mut Tx,
    source: Source<'_>,
    between: (i64, i64),
) -> Result<Option<(i64, i64)>> {
    let mut found: Option<(i64, i64)> = None;
    for table in ["run_tally", "run_tally_change"] {
        for direction in ["ASC", "DESC"] {
            let mut sql = Sql::new(tx.dialect(), "SELECT start FROM ");
            sql.push(table);
            push_range(&mut sql, table, source, between);
            sql.push(" ORDER BY start ").push(direction).push(" LIMIT 1");
            if let Some(start) = tx.scalar_sql::<i64>(sql).await? {
                found =
                    Some(found.map_or((start, start), |(first, last)| (first.min(start), last.max(start))));
            }
        }
    }
    Ok(found)
}

fn push_range(sql: &mut Sql, table: &str, source: Source<'_>, (first, end): (i64, i64)) {
    sql.push(" WHERE ").push(table).push(".workspace_id = ").bind(source.workspace);
    sql.push(" AND ").push(table).push(".kind = ").bind(source.kind.table());
    sql.push(" AND ").push(table).push(".start >= ").bind(first);
    sql.push(" AND ").push(table).push(".start < ").bind(end);
}

/// Leaves out the periods whose counts, as text, have none of the marks: to parse them would take longer.
fn push_marks(sql: &mut Sql, counts: &str, marks: &[String], key: &str) {
    if marks.is_empty() {
        return;
    }
    let position = match sql.dialect() {
        crate::Dialect::Sqlite => "instr(",
        crate::Dialect::Postgres => "strpos(",
    };
    sql.push(" AND (");
    for mark in marks {
        sql.push(position).push(counts).push(", ").bind(mark).push(") > 0 OR ");
    }
    sql.push(counts).push(" IS NULL OR EXISTS (SELECT 1 FROM run_tally_change AS changed WHERE ");
    sql.push(key).push("))");
}
