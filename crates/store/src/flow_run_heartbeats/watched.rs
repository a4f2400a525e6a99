use sluice_wire::ids::{DeploymentId, FlowId, FlowRunId, StateId, TaskRunId, WorkspaceId};
use sluice_wire::labels::KeyValueLabels;
use sluice_wire::states::StateType;
use sluice_wire::time::Timestamp;

use super::NEVER;
use crate::{Columns, Json, Result, Row, Tx, params};

/// How far up the runs are looked at of which a run is part.
const MOST_ANCESTORS: usize = 20;

/// What is known of the heartbeats of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heartbeats {
    /// The RUNNING state in which they came.
    pub state_id: Option<StateId>,
    /// When the newest came, by the server's clock; when it came to RUNNING if none did.
    pub last_seen: Timestamp,
    /// When the newest were sent, by the client's clock: at most three, the newest first.
    pub occurred: [Option<Timestamp>; 3],
}

/// A run that was heard of.
#[derive(Debug, Clone, PartialEq)]
pub struct WatchedRun {
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// The run.
    pub id: FlowRunId,
    /// Its name.
    pub name: String,
    /// Its flow.
    pub flow_id: FlowId,
    /// The deployment that it was made of.
    pub deployment_id: Option<DeploymentId>,
    /// Type of its state.
    pub state_type: Option<StateType>,
    /// Its state.
    pub state_id: Option<StateId>,
    /// When it came to this state.
    pub state_timestamp: Option<Timestamp>,
    /// Its labels, among them those of its deployment.
    pub labels: KeyValueLabels,
    /// Its tags, among them those of its deployment.
    pub tags: Vec<String>,
    /// Labels and tags of the run that it is a subflow of, of the one above that, and so on.
    pub ancestors: Vec<(KeyValueLabels, Vec<String>)>,
    /// Its heartbeats.
    pub heartbeats: Heartbeats,
}

/// Who has to be checked by now, the most urgent first, at most `limit`; `None` in place of a run that was deleted.
pub async fn due(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<(FlowRunId, Option<WatchedRun>)>> {
    let rows = tx
        .query(
            "SELECT heartbeat.flow_run_id, heartbeat.state_id, heartbeat.last_seen, heartbeat.occurred,
                heartbeat.previous_occurred, heartbeat.earlier_occurred, flow_run.workspace_id, flow_run.name,
                flow_run.flow_id, flow_run.deployment_id, flow_run.state_type, flow_run.state_id,
                flow_run.state_timestamp, flow_run.labels, flow_run.tags, flow_run.parent_task_run_id
             FROM flow_run_heartbeat AS heartbeat
             LEFT JOIN flow_run ON flow_run.workspace_id = heartbeat.workspace_id
                AND flow_run.id = heartbeat.flow_run_id
             WHERE heartbeat.check_at <= ?1 ORDER BY heartbeat.check_at LIMIT ?2",
            params![now, limit],
        )
        .await?;
    let mut due = Vec::with_capacity(rows.len());
    for row in rows {
        let mut columns = row.columns();
        let id = columns.take()?;
        let heartbeats = take_heartbeats(&mut columns)?;
        let run = match columns.take::<Option<WorkspaceId>>()? {
            Some(workspace) => Some(take_run(tx, &mut columns, workspace, id, heartbeats).await?),
            None => None,
        };
        due.push((id, run));
    }
    Ok(due)
}

/// The run as it is now. Its row and that of its heartbeats are locked until the transaction ends: what is seen here
/// holds when the transaction commits. `None` when the run was deleted or nothing was heard of it.
pub async fn watched_for_update(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: FlowRunId,
) -> Result<Option<WatchedRun>> {
    let run = tx
        .query_for_update(
            "SELECT name, flow_id, deployment_id, state_type, state_id, state_timestamp, labels, tags,
                parent_task_run_id
             FROM flow_run WHERE workspace_id = ?1 AND id = ?2",
            params![workspace, id],
        )
        .await?;
    let heartbeats = tx
        .query_for_update(
            "SELECT state_id, last_seen, occurred, previous_occurred, earlier_occurred
             FROM flow_run_heartbeat WHERE workspace_id = ?1 AND flow_run_id = ?2",
            params![workspace, id],
        )
        .await?;
    let (Some(run), Some(heartbeats)) = (run.into_iter().next(), heartbeats.into_iter().next()) else {
        return Ok(None);
    };
    let heartbeats = take_heartbeats(&mut Row::columns(heartbeats))?;
    take_run(tx, &mut run.columns(), workspace, id, heartbeats).await.map(Some)
}

fn take_heartbeats(columns: &mut Columns) -> Result<Heartbeats> {
    let (state_id, last_seen) = (columns.take()?, columns.take()?);
    let occurred: [Option<Timestamp>; 3] = [columns.take()?, columns.take()?, columns.take()?];
    Ok(Heartbeats { state_id, last_seen, occurred: occurred.map(|at| at.filter(|at| *at != NEVER)) })
}

async fn take_run(
    tx: &mut Tx,
    columns: &mut Columns,
    workspace: WorkspaceId,
    id: FlowRunId,
    heartbeats: Heartbeats,
) -> Result<WatchedRun> {
    let mut run = WatchedRun {
        workspace,
        id,
        name: columns.take()?,
        flow_id: columns.take()?,
        deployment_id: columns.take()?,
        state_type: columns.take()?,
        state_id: columns.take()?,
        state_timestamp: columns.take()?,
        labels: columns.take::<Json<_>>()?.0,
        tags: columns.take()?,
        ancestors: Vec::new(),
        heartbeats,
    };
    if let Some(parent) = columns.take()? {
        run.ancestors = ancestors(tx, workspace, parent).await?;
    }
    Ok(run)
}

/// Labels and tags of the flow runs above, the nearest first.
async fn ancestors(
    tx: &mut Tx,
    workspace: WorkspaceId,
    parent: TaskRunId,
) -> Result<Vec<(KeyValueLabels, Vec<String>)>> {
    let mut found = Vec::new();
    let mut next = Some(parent);
    while let Some(task_run) = next.filter(|_| found.len() < MOST_ANCESTORS) {
        let row = tx
            .query_first(
                "SELECT flow_run.labels, flow_run.tags, flow_run.parent_task_run_id FROM task_run
                 JOIN flow_run ON flow_run.id = task_run.flow_run_id
                 WHERE task_run.workspace_id = ?1 AND task_run.id = ?2 AND flow_run.workspace_id = ?1",
                params![workspace, task_run],
            )
            .await?;
        let Some(row) = row else { break };
        let mut columns = row.columns();
        let Json(labels) = columns.take()?;
        found.push((labels, columns.take()?));
        next = columns.take()?;
    }
    Ok(found)
}
