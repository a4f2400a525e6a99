//! The columns of a flow run as it is read.

use sluice_wire::flow_runs::{FlowRun, estimated_run_time, estimated_start_time_delta};
use sluice_wire::time::Timestamp;

use crate::{Json, Result, Row};

/// A SELECT of flow runs, up to and with its FROM; `$rest` follows as text.
macro_rules! select_flow_runs {
    ($($rest:literal)?) => {
        concat!(
            "SELECT flow_run.id, flow_run.created, flow_run.updated, flow_run.name, flow_run.flow_id,
                flow_run.state_id, flow_run.deployment_id, flow_run.deployment_version, flow_run.work_queue_id,
                COALESCE(work_queue.name, flow_run.work_queue_name), flow_run.flow_version, flow_run.parameters,
                flow_run.idempotency_key, flow_run.context, flow_run.empirical_policy, flow_run.tags,
                flow_run.labels, flow_run.parent_task_run_id, flow_run.state_type, flow_run.state_name,
                flow_run.run_count, flow_run.expected_start_time, flow_run.next_scheduled_start_time,
                flow_run.start_time, flow_run.end_time, flow_run.total_run_time, flow_run.state_timestamp,
                flow_run.auto_scheduled, flow_run.infrastructure_document_id, flow_run.infrastructure_pid,
                flow_run.created_by, work_pool.id, work_pool.name, flow_run.state, flow_run.job_variables
            FROM flow_run
            LEFT JOIN work_queue ON work_queue.id = flow_run.work_queue_id
            LEFT JOIN work_pool ON work_pool.id = work_queue.work_pool_id",
            $(" ", $rest)?
        )
    };
}
pub(super) use select_flow_runs;

/// Reads a row of [`select_flow_runs`]; estimates are those of `now`.
pub(super) fn from_row(row: Row, now: Timestamp) -> Result<FlowRun> {
    let mut columns = row.columns();
    let (id, created, updated) = (columns.take()?, columns.take()?, columns.take()?);
    let (name, flow_id, state_id) = (columns.take()?, columns.take()?, columns.take()?);
    let (deployment_id, deployment_version) = (columns.take()?, columns.take()?);
    let (work_queue_id, work_queue_name) = (columns.take()?, columns.take()?);
    let (flow_version, parameters, idempotency_key) = (columns.take()?, columns.take()?, columns.take()?);
    let (context, empirical_policy) = (columns.take()?, columns.take()?);
    let (tags, labels, parent_task_run_id) = (columns.take()?, columns.take()?, columns.take()?);
    let (state_type, state_name, run_count) = (columns.take()?, columns.take()?, columns.take()?);
    let (expected_start_time, next_scheduled_start_time) = (columns.take()?, columns.take()?);
    let (start_time, end_time) = (columns.take()?, columns.take()?);
    let (total_run_time, state_timestamp) = (columns.take()?, columns.take()?);
    Ok(FlowRun {
        id,
        created,
        updated,
        name,
        flow_id,
        state_id,
        deployment_id,
        deployment_version,
        work_queue_id,
        work_queue_name,
        flow_version,
        parameters,
        idempotency_key,
        context,
        empirical_policy,
        tags,
        labels,
        parent_task_run_id,
        state_type,
        state_name,
        run_count,
        expected_start_time,
        next_scheduled_start_time,
        start_time,
        end_time,
        total_run_time,
        estimated_run_time: estimated_run_time(state_type, state_timestamp, total_run_time, now),
        estimated_start_time_delta: estimated_start_time_delta(
            state_type,
            expected_start_time,
            start_time,
            now,
        ),
        auto_scheduled: columns.take()?,
        infrastructure_document_id: columns.take()?,
        infrastructure_pid: columns.take()?,
        created_by: columns.take::<Option<Json<_>>>()?.map(|Json(created_by)| created_by),
        work_pool_id: columns.take()?,
        work_pool_name: columns.take()?,
        state: columns.take()?,
        job_variables: columns.take()?,
    })
}
