//! Runs counted by state and interval.

use std::collections::BTreeMap;

use sluice_wire::filters::RelatedFilters;
use sluice_wire::flow_runs::{HistoryBucket, HistoryState};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::states::StateType;
use sluice_wire::time::{TimeDelta, Timestamp};

use crate::{Dialect, Result, Sql, Tx, filters, run_tallies};

/// More intervals are not given.
const MOST_INTERVALS: i64 = 500;

/// Which runs are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunKind {
    /// Flow runs.
    FlowRuns,
    /// Task runs.
    TaskRuns,
}

impl RunKind {
    /// The table that they stand in.
    pub(crate) fn table(self) -> &'static str {
        match self {
            Self::FlowRuns => "flow_run",
            Self::TaskRuns => "task_run",
        }
    }
}

/// Which intervals are asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Intervals {
    /// Where the first begins.
    pub start: Timestamp,
    /// Where the last ends, or a little after it.
    pub end: Timestamp,
    /// How long each is; positive.
    pub length: TimeDelta,
}

impl Intervals {
    fn count(&self) -> i64 {
        let (elapsed, length) = (self.end.since(self.start).as_micros(), self.length.as_micros().max(1));
        if elapsed <= 0 { 0 } else { ((elapsed - 1) / length + 1).min(MOST_INTERVALS) }
    }

    fn begin(&self, index: i64) -> Timestamp {
        self.start + TimeDelta::from_micros(index.saturating_mul(self.length.as_micros()))
    }
}

/// The runs that are expected to start in each interval, by state.
pub async fn history(
    tx: &mut Tx,
    workspace: WorkspaceId,
    kind: RunKind,
    related: &RelatedFilters,
    intervals: Intervals,
    now: Timestamp,
) -> Result<Vec<HistoryBucket>> {
    let count = intervals.count();
    let mut buckets: Vec<HistoryBucket> = (0..count)
        .map(|index| HistoryBucket {
            interval_start: intervals.begin(index),
            interval_end: intervals.begin(index + 1),
            states: Vec::new(),
        })
        .collect();
    if buckets.is_empty() {
        return Ok(buckets);
    }
    if tx.has_snapshot()
        && let Some(asked) = run_tallies::recognise(kind, related)
    {
        let grid = run_tallies::Grid::Slots { start: intervals.start, length: intervals.length, count };
        let basis = run_tallies::Basis::Expected;
        let asked = &asked;
        let question = run_tallies::Question { workspace, kind, asked, basis, grid, now: Some(now) };
        let found = run_tallies::read(tx, question).await?;
        add_up(found, &mut buckets);
        return Ok(buckets);
    }
    let table = kind.table();
    let mut sql =
        Sql::new(tx.dialect(), "SELECT runs.bucket, runs.state_type, runs.state_name, count(*), CAST(sum(");
    sql.push("CASE WHEN runs.run_time > 0 THEN runs.run_time ELSE 0 END) AS bigint), CAST(sum(");
    sql.push("CASE WHEN runs.lateness > 0 THEN runs.lateness ELSE 0 END) AS bigint) FROM (SELECT ");
    push_bucket(&mut sql, table, intervals);
    sql.push(" AS bucket, state_type, state_name, ");
    push_run_time(&mut sql, now);
    sql.push(" AS run_time, ");
    push_lateness(&mut sql, now);
    sql.push(" AS lateness FROM ").push(table);
    match kind {
        RunKind::FlowRuns => filters::flow_runs::push_where(&mut sql, workspace, related),
        RunKind::TaskRuns => filters::task_runs::push_where(&mut sql, workspace, related),
    }
    sql.push(" AND state_type IS NOT NULL AND expected_start_time >= ").bind(intervals.start);
    sql.push(" AND expected_start_time < ").bind(intervals.begin(count));
    sql.push(") AS runs GROUP BY runs.bucket, runs.state_type, runs.state_name");
    sql.push(" ORDER BY runs.bucket, runs.state_type, runs.state_name");
    for row in tx.query_sql(sql).await? {
        let mut columns = row.columns();
        let index: i64 = columns.take()?;
        let state = HistoryState {
            state_type: columns.take()?,
            state_name: columns.take()?,
            count_runs: columns.take()?,
            sum_estimated_run_time: columns.take()?,
            sum_estimated_lateness: columns.take()?,
        };
        if let Some(bucket) = usize::try_from(index).ok().and_then(|index| buckets.get_mut(index)) {
            bucket.states.push(state);
        }
    }
    Ok(buckets)
}

/// Puts what the tallies say into the buckets, the states in their order.
fn add_up(found: Vec<(i64, run_tallies::Counted)>, buckets: &mut [HistoryBucket]) {
    let mut sums = BTreeMap::new();
    for (slot, counted) in found {
        let Some(state_type) = counted.state_type else { continue };
        let state_name = counted.state_name.unwrap_or_default();
        let key = (slot, state_type.as_str(), state_name);
        let (_, runs, run_time, lateness) = sums.entry(key).or_insert((state_type, 0, 0, 0));
        *runs += counted.runs;
        *run_time += counted.run_time;
        *lateness += counted.lateness;
    }
    for ((slot, _, state_name), (state_type, count_runs, run_time, lateness)) in sums {
        if let Some(bucket) = usize::try_from(slot).ok().and_then(|slot| buckets.get_mut(slot)) {
            bucket.states.push(HistoryState {
                state_type,
                state_name,
                count_runs,
                sum_estimated_run_time: TimeDelta::from_micros(run_time),
                sum_estimated_lateness: TimeDelta::from_micros(lateness),
            });
        }
    }
}

/// Microseconds from the second time to the first.
pub(crate) fn push_between(sql: &mut Sql, later: impl FnOnce(&mut Sql), earlier: impl FnOnce(&mut Sql)) {
    match sql.dialect() {
        Dialect::Sqlite => {
            sql.push("(");
            later(sql);
            sql.push(" - ");
            earlier(sql);
            sql.push(")");
        }
        Dialect::Postgres => {
            sql.push("CAST(EXTRACT(EPOCH FROM (");
            later(sql);
            sql.push(" - ");
            earlier(sql);
            sql.push(")) * 1000000 AS bigint)");
        }
    }
}

pub(crate) fn column(name: &'static str) -> impl FnOnce(&mut Sql) {
    move |sql| {
        sql.push(name);
    }
}

pub(crate) fn moment(time: Timestamp) -> impl FnOnce(&mut Sql) {
    move |sql| {
        sql.bind(time);
    }
}

fn push_bucket(sql: &mut Sql, table: &str, intervals: Intervals) {
    let expected =
        if table == "flow_run" { "flow_run.expected_start_time" } else { "task_run.expected_start_time" };
    push_between(sql, column(expected), moment(intervals.start));
    sql.push(" / ").bind(intervals.length);
}

/// Time spent RUNNING up to `now`, in microseconds.
pub(crate) fn push_run_time(sql: &mut Sql, now: Timestamp) {
    sql.push("CASE WHEN state_type = 'RUNNING' THEN total_run_time + ");
    push_between(sql, moment(now), column("state_timestamp"));
    sql.push(" ELSE total_run_time END");
}

/// How late a run started, or is at `now`, in microseconds.
pub(crate) fn push_lateness(sql: &mut Sql, now: Timestamp) {
    sql.push("CASE WHEN start_time > expected_start_time THEN ");
    push_between(sql, column("start_time"), column("expected_start_time"));
    sql.push(" WHEN start_time IS NULL AND expected_start_time < ").bind(now);
    sql.push(" AND state_type NOT IN (").bind_list(StateType::FINAL.map(StateType::as_str));
    sql.push(") THEN ");
    push_between(sql, moment(now), column("expected_start_time"));
    sql.push(" ELSE 0 END");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_interval_may_reach_beyond_the_end() {
        for (end, length, count) in [(0, 1, 0), (10, 10, 1), (11, 10, 2), (-5, 1, 0), (1_000_000, 1, 500)] {
            let intervals = Intervals {
                start: Timestamp::EPOCH,
                end: Timestamp::from_micros(end),
                length: TimeDelta::from_micros(length),
            };
            assert_eq!(intervals.count(), count, "{end} {length}");
        }
    }
}
