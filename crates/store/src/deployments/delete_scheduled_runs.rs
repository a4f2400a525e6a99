use sluice_wire::ids::{DeploymentId, WorkspaceId};
use sluice_wire::time::Timestamp;

use crate::{Result, Topic, Tx, deployment_schedules, params};

/// Which runs that have not started are deleted with a change of their deployment. Runs that wait for a slot stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhichRuns {
    /// Everything that is scheduled, by whomever.
    All,
    /// What the scheduler made.
    AutoScheduled,
    /// What the scheduler made for later than now.
    FutureAutoScheduled,
}

/// Deletes runs that are scheduled and never ran. The scheduler then looks at the deployment's schedules anew.
pub async fn delete_scheduled_runs(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: DeploymentId,
    which: WhichRuns,
    now: Timestamp,
) -> Result<()> {
    match which {
        WhichRuns::All => {
            tx.execute(
                "DELETE FROM flow_run WHERE workspace_id = ?1 AND deployment_id = ?2 AND state_type = 'SCHEDULED'
                 AND state_name <> 'AwaitingConcurrencySlot' AND run_count = 0",
                params![workspace, id],
            )
            .await?;
        }
        WhichRuns::AutoScheduled => {
            tx.execute(
                "DELETE FROM flow_run WHERE workspace_id = ?1 AND deployment_id = ?2 AND state_type = 'SCHEDULED'
                 AND state_name <> 'AwaitingConcurrencySlot' AND run_count = 0 AND auto_scheduled = ?3",
                params![workspace, id, true],
            )
            .await?;
        }
        WhichRuns::FutureAutoScheduled => {
            tx.execute(
                "DELETE FROM flow_run WHERE workspace_id = ?1 AND deployment_id = ?2 AND state_type = 'SCHEDULED'
                 AND state_name <> 'AwaitingConcurrencySlot' AND run_count = 0 AND auto_scheduled = ?3
                 AND next_scheduled_start_time > ?4",
                params![workspace, id, true, now],
            )
            .await?;
        }
    }
    deployment_schedules::start_over(tx, workspace, id, now).await?;
    tx.notify(Topic::Schedules);
    Ok(())
}
