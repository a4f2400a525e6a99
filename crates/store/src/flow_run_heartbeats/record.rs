use sluice_wire::ids::{FlowRunId, WorkspaceId};
use sluice_wire::time::Timestamp;

use crate::{Result, Tx, params};

/// A heartbeat as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewHeartbeat {
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// The run that lives.
    pub flow_run_id: FlowRunId,
    /// When it came, by the server's clock.
    pub received: Timestamp,
    /// When it was sent, by the client's clock.
    pub occurred: Timestamp,
}

/// A heartbeat in another RUNNING state begins anew; one that was sent twice, or comes late, only says that its sender
/// lives.
const UPSERT: &str = "INSERT INTO flow_run_heartbeat AS known
        (flow_run_id, workspace_id, state_id, last_seen, occurred, check_at)
    SELECT id, workspace_id, state_id, CAST(?3 AS timestamptz), CAST(?4 AS timestamptz), CAST(?3 AS timestamptz)
    FROM flow_run WHERE workspace_id = ?1 AND id = ?2 AND state_type = 'RUNNING'
    ON CONFLICT (flow_run_id) DO UPDATE SET
        state_id = excluded.state_id,
        last_seen = CASE WHEN excluded.last_seen > known.last_seen THEN excluded.last_seen ELSE known.last_seen END,
        occurred = CASE WHEN known.state_id <> excluded.state_id OR excluded.occurred > known.occurred
            THEN excluded.occurred ELSE known.occurred END,
        previous_occurred = CASE WHEN known.state_id <> excluded.state_id THEN NULL
            WHEN excluded.occurred > known.occurred THEN known.occurred ELSE known.previous_occurred END,
        earlier_occurred = CASE WHEN known.state_id <> excluded.state_id THEN NULL
            WHEN excluded.occurred > known.occurred THEN known.previous_occurred ELSE known.earlier_occurred END";

/// Notes the heartbeats of runs that are RUNNING, in the order of `heartbeats` for each run; those of other runs say
/// nothing. Runs are taken in the order of their ids, so that replicas do not wait for each other in a circle.
pub async fn record(tx: &mut Tx, heartbeats: &[NewHeartbeat]) -> Result<()> {
    let mut ordered: Vec<&NewHeartbeat> = heartbeats.iter().collect();
    ordered.sort_by_key(|heartbeat| heartbeat.flow_run_id);
    let rows = ordered
        .into_iter()
        .map(|new| params![new.workspace, new.flow_run_id, new.received, new.occurred])
        .collect();
    tx.execute_many(UPSERT, rows).await?;
    Ok(())
}
