use sluice_wire::events::{Labels, RESOURCE_ID, RESOURCE_NAME};
use sluice_wire::ids::{FlowRunId, WorkspaceId};
use sluice_wire::states::StateType;
use sluice_wire::time::Timestamp;

use crate::state_changes::Related;
use crate::{Result, Row, Tx, params};

/// A flow run as metrics look at it, with the labels that its events have.
#[derive(Debug, Clone, PartialEq)]
pub struct TimedFlowRun {
    /// When it was to start.
    pub expected_start_time: Option<Timestamp>,
    /// When it started.
    pub start_time: Option<Timestamp>,
    /// When it ended.
    pub end_time: Option<Timestamp>,
    /// What it has become.
    pub state_type: Option<StateType>,
    /// Its own labels.
    pub resource: Labels,
    /// What it belongs to.
    pub related: Vec<Labels>,
}

macro_rules! select_timed {
    ($condition:literal) => {
        concat!(
            "SELECT flow_run.id, flow_run.name, flow_run.tags, flow_run.expected_start_time, flow_run.start_time,
                flow_run.end_time, flow_run.state_type, flow.id, flow.name, flow.tags, deployment.id,
                deployment.name, deployment.tags, work_queue.id, work_queue.name, work_pool.id, work_pool.name,
                work_pool.type, parent.id, parent.name, parent.tags
             FROM flow_run
             JOIN flow ON flow.id = flow_run.flow_id
             LEFT JOIN deployment ON deployment.id = flow_run.deployment_id
             LEFT JOIN work_queue ON work_queue.id = flow_run.work_queue_id
             LEFT JOIN work_pool ON work_pool.id = work_queue.work_pool_id
             LEFT JOIN task_run AS parent ON parent.workspace_id = flow_run.workspace_id
                AND parent.id = flow_run.parent_task_run_id
             WHERE flow_run.workspace_id = ?1 AND ",
            $condition,
            " LIMIT ?3"
        )
    };
}

/// The runs that ended at `since` or later, at most `limit`.
pub async fn ended_since(
    tx: &mut Tx,
    workspace: WorkspaceId,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<TimedFlowRun>> {
    let rows = tx.query(select_timed!("flow_run.end_time >= ?2"), params![workspace, since, limit]).await?;
    rows.into_iter().map(from_row).collect()
}

/// The runs that started at `since` or later, at most `limit`.
pub async fn started_since(
    tx: &mut Tx,
    workspace: WorkspaceId,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<TimedFlowRun>> {
    let text = select_timed!(
        "COALESCE(flow_run.start_time, flow_run.expected_start_time) >= ?2 AND flow_run.start_time IS NOT NULL"
    );
    let rows = tx.query(text, params![workspace, since, limit]).await?;
    rows.into_iter().map(from_row).collect()
}

fn from_row(row: Row) -> Result<TimedFlowRun> {
    let mut columns = row.columns();
    let (id, name): (FlowRunId, String) = (columns.take()?, columns.take()?);
    let tags: Vec<String> = columns.take()?;
    let (expected_start_time, start_time) = (columns.take()?, columns.take()?);
    let (end_time, state_type) = (columns.take()?, columns.take()?);
    let related = Related::take(&mut columns)?.resources(&tags, None);
    let resource = Labels::from([
        (RESOURCE_ID.to_owned(), format!("prefect.flow-run.{id}")),
        (RESOURCE_NAME.to_owned(), name),
    ]);
    Ok(TimedFlowRun { expected_start_time, start_time, end_time, state_type, resource, related })
}
