//! Runs counted by state and interval.

use sluice_wire::filters::RelatedFilters;
use sluice_wire::flow_runs::{HistoryBucket, HistoryState};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::states::StateType;
use sluice_wire::time::{TimeDelta, Timestamp};

use crate::{Dialect, Result, Sql, Tx, filters};

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
    let table = match kind {
        RunKind::FlowRuns => "flow_run",
        RunKind::TaskRuns => "task_run",
    };
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

/// Microseconds from the second time to the first.
fn push_between(sql: &mut Sql, later: impl FnOnce(&mut Sql), earlier: impl FnOnce(&mut Sql)) {
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

fn column(name: &'static str) -> impl FnOnce(&mut Sql) {
    move |sql| {
        sql.push(name);
    }
}

fn moment(time: Timestamp) -> impl FnOnce(&mut Sql) {
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
