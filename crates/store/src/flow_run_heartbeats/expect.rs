use sluice_wire::ids::{FlowRunId, StateId, WorkspaceId};
use sluice_wire::labels::KeyValueLabels;

use super::NEVER;
use crate::{Json, Result, Tx, params};

/// A run that is RUNNING and was not heard of.
#[derive(Debug, Clone, PartialEq)]
pub struct UnheardRun {
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// The run.
    pub id: FlowRunId,
    /// Its state.
    pub state_id: Option<StateId>,
    /// Its labels, among them those of its deployment.
    pub labels: KeyValueLabels,
    /// Its tags, among them those of its deployment.
    pub tags: Vec<String>,
}

/// The RUNNING runs that nothing was heard of, at most `limit`; of an `option`: those whose labels or tags speak of it.
pub async fn unheard(tx: &mut Tx, option: Option<&str>, limit: i64) -> Result<Vec<UnheardRun>> {
    let pattern = format!("%{}%", option.unwrap_or_default());
    let rows = tx
        .query(
            "SELECT flow_run.workspace_id, flow_run.id, flow_run.state_id, flow_run.labels, flow_run.tags
             FROM flow_run
             -- Every run has a flow, of which there are few: with their workspaces an index finds who is RUNNING.
             WHERE flow_run.workspace_id IN (SELECT workspace_id FROM flow)
                AND flow_run.state_type = 'RUNNING' AND flow_run.state_timestamp IS NOT NULL
                AND (CAST(flow_run.labels AS text) LIKE ?1 OR CAST(flow_run.tags AS text) LIKE ?1)
                AND NOT EXISTS (SELECT 1 FROM flow_run_heartbeat WHERE flow_run_id = flow_run.id)
             LIMIT ?2",
            params![pattern, limit],
        )
        .await?;
    let run = |row: crate::Row| {
        let mut columns = row.columns();
        Ok(UnheardRun {
            workspace: columns.take()?,
            id: columns.take()?,
            state_id: columns.take()?,
            labels: columns.take::<Json<_>>()?.0,
            tags: columns.take()?,
        })
    };
    rows.into_iter().map(run).collect()
}

/// Has these runs watched as if they had been heard of when they came to RUNNING, if they still are in that state.
pub async fn expect(tx: &mut Tx, runs: &[UnheardRun]) -> Result<()> {
    let mut ordered: Vec<&UnheardRun> = runs.iter().collect();
    ordered.sort_by_key(|run| run.id);
    let rows = ordered.into_iter().map(|run| params![run.workspace, run.id, run.state_id, NEVER]).collect();
    tx.execute_many(
        "INSERT INTO flow_run_heartbeat (flow_run_id, workspace_id, state_id, last_seen, occurred, check_at)
         SELECT id, workspace_id, state_id, state_timestamp, CAST(?4 AS timestamptz), state_timestamp FROM flow_run
         WHERE workspace_id = ?1 AND id = ?2 AND state_id = ?3 AND state_type = 'RUNNING'
         ON CONFLICT (flow_run_id) DO NOTHING",
        rows,
    )
    .await?;
    Ok(())
}
