use sluice_wire::flow_runs::{estimated_run_time, estimated_start_time_delta};
use sluice_wire::ids::{WorkPoolId, WorkQueueId, WorkspaceId};
use sluice_wire::time::Timestamp;
use sluice_wire::work_pools::{ScheduledFlowRun, WorkPool, WorkerFlowRun};
use sluice_wire::work_queues::WorkQueue;

use crate::{Dialect, Json, Result, Row, Sql, Tx};

/// Which runs a worker asks for.
#[derive(Debug, Clone, Copy)]
pub struct ScheduledRuns {
    /// Only runs that are due at this time. None: all.
    pub scheduled_before: Option<Timestamp>,
    /// Only runs that are due from this time on.
    pub scheduled_after: Option<Timestamp>,
    /// At most so many.
    pub limit: i64,
}

/// The runs that a worker may take from `queues` of `pool`: the most urgent queue first, in each the run that is due
/// first. Pauses and the free slots of pool and queues are respected; runs that are retried in the process where
/// they run are left out. Nothing is locked: a worker has a run when its PENDING state is accepted.
///
/// The cost is that of the rows that are returned, however many are due.
pub async fn scheduled_runs(
    tx: &mut Tx,
    workspace: WorkspaceId,
    pool: &WorkPool,
    queues: &[WorkQueue],
    request: ScheduledRuns,
    now: Timestamp,
) -> Result<Vec<WorkerFlowRun>> {
    if pool.is_paused {
        return Ok(Vec::new());
    }
    let mut free = request.limit.min(free_slots(pool.concurrency_limit, pool.active_slots));
    let mut in_order: Vec<&WorkQueue> = queues.iter().filter(|queue| !queue.is_paused).collect();
    in_order.sort_by_key(|queue| (queue.priority, queue.id));
    in_order.dedup_by_key(|queue| queue.id);
    let mut runs = Vec::new();
    for queue in in_order {
        let limit = free.min(free_slots(queue.concurrency_limit, queue.active_slots));
        if limit > 0 {
            let due = due(tx, workspace, pool.id, queue.id, request, limit, now).await?;
            free -= i64::try_from(due.len()).unwrap_or(free);
            runs.extend(due);
        }
    }
    Ok(runs)
}

/// How many more runs a limit allows.
fn free_slots(limit: Option<i64>, taken: Option<i64>) -> i64 {
    limit.map_or(i64::MAX, |limit| (limit - taken.unwrap_or(0)).max(0))
}

const COLUMNS: &str = "id, created, updated, name, flow_id, state_id, deployment_id, deployment_version, \
     work_queue_id, flow_version, parameters, idempotency_key, context, empirical_policy, tags, labels, \
     parent_task_run_id, state_type, state_name, run_count, expected_start_time, next_scheduled_start_time, \
     start_time, end_time, total_run_time, state_timestamp, auto_scheduled, infrastructure_document_id, \
     infrastructure_pid, created_by, job_variables";

async fn due(
    tx: &mut Tx,
    workspace: WorkspaceId,
    pool: WorkPoolId,
    queue: WorkQueueId,
    request: ScheduledRuns,
    limit: i64,
    now: Timestamp,
) -> Result<Vec<WorkerFlowRun>> {
    let mut sql = Sql::new(tx.dialect(), &format!("SELECT {COLUMNS} FROM flow_run WHERE work_queue_id = "));
    sql.bind(queue).push(" AND state_type = 'SCHEDULED' AND workspace_id = ").bind(workspace);
    if let Some(before) = request.scheduled_before {
        sql.push(" AND next_scheduled_start_time <= ").bind(before);
    }
    if let Some(after) = request.scheduled_after {
        sql.push(" AND next_scheduled_start_time >= ").bind(after);
    }
    sql.push(match tx.dialect() {
        Dialect::Sqlite => " AND json_extract(empirical_policy, '$.retry_type') IS NOT 'in_process'",
        Dialect::Postgres => " AND empirical_policy->>'retry_type' IS DISTINCT FROM 'in_process'",
    });
    sql.push(" ORDER BY next_scheduled_start_time, id LIMIT ").bind(limit);
    let rows = tx.query_sql(sql).await?;
    rows.into_iter()
        .map(|row| {
            let flow_run = from_row(row, now)?;
            Ok(WorkerFlowRun { work_pool_id: pool, work_queue_id: queue, flow_run })
        })
        .collect()
}

fn from_row(row: Row, now: Timestamp) -> Result<ScheduledFlowRun> {
    let mut columns = row.columns();
    let (id, created, updated) = (columns.take()?, columns.take()?, columns.take()?);
    let (name, flow_id, state_id) = (columns.take()?, columns.take()?, columns.take()?);
    let (deployment_id, deployment_version) = (columns.take()?, columns.take()?);
    let (work_queue_id, flow_version) = (columns.take()?, columns.take()?);
    let (parameters, idempotency_key) = (columns.take()?, columns.take()?);
    let (context, empirical_policy) = (columns.take()?, columns.take()?);
    let (tags, labels, parent_task_run_id) = (columns.take()?, columns.take()?, columns.take()?);
    let (state_type, state_name, run_count) = (columns.take()?, columns.take()?, columns.take()?);
    let (expected_start_time, next_scheduled_start_time) = (columns.take()?, columns.take()?);
    let (start_time, end_time) = (columns.take()?, columns.take()?);
    let (total_run_time, state_timestamp) = (columns.take()?, columns.take()?);
    Ok(ScheduledFlowRun {
        id,
        created,
        updated,
        name,
        flow_id,
        state_id,
        deployment_id,
        deployment_version,
        work_queue_id,
        work_queue_name: None,
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
        state: None,
        job_variables: columns.take()?,
    })
}
