use sluice_wire::flow_runs::FlowRun;
use sluice_wire::ids::{FlowRunId, WorkspaceId};
use sluice_wire::time::Timestamp;

use super::columns::{from_row, select_flow_runs};
use crate::{Result, Tx, params};

/// The flow run, if it exists.
pub async fn read(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: FlowRunId,
    now: Timestamp,
) -> Result<Option<FlowRun>> {
    tx.query_first(
        select_flow_runs!("WHERE flow_run.workspace_id = ?1 AND flow_run.id = ?2"),
        params![workspace, id],
    )
    .await?
    .map(|row| from_row(row, now))
    .transpose()
}
