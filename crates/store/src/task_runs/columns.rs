//! The columns of a task run as it is read.

use sluice_wire::flow_runs::{estimated_run_time, estimated_start_time_delta};
use sluice_wire::task_runs::TaskRun;
use sluice_wire::time::Timestamp;

use crate::{Columns, Result, Row};

/// A SELECT of task runs, up to and with its FROM; `$rest` follows as text.
macro_rules! select_task_runs {
    ($($rest:literal)?) => {
        select_task_runs!(with "" $($rest)?)
    };
    (with $more_columns:literal $($rest:literal)?) => {
        concat!(
            "SELECT task_run.id, task_run.created, task_run.updated, task_run.name, task_run.flow_run_id,
                task_run.task_key, task_run.dynamic_key, task_run.cache_key, task_run.cache_expiration,
                task_run.task_version, task_run.empirical_policy, task_run.tags, task_run.labels,
                task_run.state_id, task_run.task_inputs, task_run.state_type, task_run.state_name,
                task_run.run_count, task_run.flow_run_run_count, task_run.expected_start_time,
                task_run.next_scheduled_start_time, task_run.start_time, task_run.end_time,
                task_run.total_run_time, task_run.state_timestamp, task_run.state",
            $more_columns,
            " FROM task_run",
            $(" ", $rest)?
        )
    };
}
pub(crate) use select_task_runs;

/// Reads a row of [`select_task_runs`]; estimates are those of `now`.
pub(crate) fn from_row(row: Row, now: Timestamp) -> Result<TaskRun> {
    take(&mut row.columns(), now)
}

/// As [`from_row`], leaving columns that follow.
pub(super) fn take(columns: &mut Columns, now: Timestamp) -> Result<TaskRun> {
    let (id, created, updated) = (columns.take()?, columns.take()?, columns.take()?);
    let (name, flow_run_id) = (columns.take()?, columns.take()?);
    let (task_key, dynamic_key) = (columns.take()?, columns.take()?);
    let (cache_key, cache_expiration) = (columns.take()?, columns.take()?);
    let (task_version, empirical_policy) = (columns.take()?, columns.take()?);
    let (tags, labels, state_id, task_inputs) =
        (columns.take()?, columns.take()?, columns.take()?, columns.take()?);
    let (state_type, state_name) = (columns.take()?, columns.take()?);
    let (run_count, flow_run_run_count) = (columns.take()?, columns.take()?);
    let (expected_start_time, next_scheduled_start_time) = (columns.take()?, columns.take()?);
    let (start_time, end_time) = (columns.take()?, columns.take()?);
    let (total_run_time, state_timestamp) = (columns.take()?, columns.take()?);
    let late = estimated_start_time_delta(state_type, expected_start_time, start_time, now);
    Ok(TaskRun {
        id,
        created,
        updated,
        name,
        flow_run_id,
        task_key,
        dynamic_key,
        cache_key,
        cache_expiration,
        task_version,
        empirical_policy,
        tags,
        labels,
        state_id,
        task_inputs,
        state_type,
        state_name,
        run_count,
        flow_run_run_count,
        expected_start_time,
        next_scheduled_start_time,
        start_time,
        end_time,
        total_run_time,
        estimated_run_time: estimated_run_time(state_type, state_timestamp, total_run_time, now),
        estimated_start_time_delta: late,
        state: columns.take()?,
    })
}
