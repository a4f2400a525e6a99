use sluice_wire::ids::FlowRunId;
use sluice_wire::time::Timestamp;

use crate::{Result, Tx, params};

/// Has each run checked at its time, and not before.
pub async fn check_again(tx: &mut Tx, checks: &[(FlowRunId, Timestamp)]) -> Result<()> {
    let mut ordered = checks.to_vec();
    ordered.sort_by_key(|(run, _)| *run);
    let rows = ordered.into_iter().map(|(run, at)| params![run, at]).collect();
    tx.execute_many("UPDATE flow_run_heartbeat SET check_at = ?2 WHERE flow_run_id = ?1", rows).await?;
    Ok(())
}

/// Forgets the heartbeats of runs that are over. One that comes to life again is noted anew.
pub async fn forget(tx: &mut Tx, runs: &[FlowRunId]) -> Result<()> {
    let mut ordered = runs.to_vec();
    ordered.sort();
    let rows = ordered.into_iter().map(|run| params![run]).collect();
    tx.execute_many("DELETE FROM flow_run_heartbeat WHERE flow_run_id = ?1", rows).await?;
    Ok(())
}
