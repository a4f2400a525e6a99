use sluice_orchestration::Environment;
use sluice_wire::ids::{ArtifactId, FlowRunId, WorkspaceId};
use sluice_wire::time::Timestamp;

use super::delete_many;
use crate::{Result, Row, Tx, artifacts, params};

/// Deletes runs that ended before `before`, with all that is in this database of them, artifacts too; at most
/// `limit` runs, oldest first; returns which. A run that is not over is never one of them, nor is a run that
/// belongs to a run that is kept: its turn comes when that is gone.
pub async fn delete_expired(
    tx: &mut Tx,
    workspace: WorkspaceId,
    before: Timestamp,
    limit: i64,
    environment: &Environment,
) -> Result<Vec<FlowRunId>> {
    let rows = tx
        .query_for_update(
            "SELECT id FROM flow_run WHERE workspace_id = ?1 AND end_time < ?2 AND parent_task_run_id IS NULL
             AND state_type IN ('COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED')
             ORDER BY end_time, id LIMIT ?3",
            params![workspace, before, limit],
        )
        .await?;
    let expired: Vec<FlowRunId> = rows.into_iter().map(Row::scalar).collect::<Result<_>>()?;
    if expired.is_empty() {
        return Ok(expired);
    }
    for run in &expired {
        let rows = tx
            .query(
                "SELECT id FROM artifact WHERE workspace_id = ?1 AND flow_run_id = ?2",
                params![workspace, *run],
            )
            .await?;
        for row in rows {
            artifacts::delete(tx, workspace, row.scalar::<ArtifactId>()?, environment.now).await?;
        }
    }
    delete_many(tx, workspace, &expired, environment).await
}
