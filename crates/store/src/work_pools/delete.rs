use sluice_wire::ids::{WorkPoolId, WorkspaceId};
use sluice_wire::time::Timestamp;

use super::{announce, read};
use crate::{Result, Topic, Tx, params, work_queues};

/// Deletes the pool with its queues and workers; returns whether it existed.
pub async fn delete(tx: &mut Tx, workspace: WorkspaceId, id: WorkPoolId, now: Timestamp) -> Result<bool> {
    let Some(pool) = read(tx, workspace, id).await? else { return Ok(false) };
    for queue in work_queues::of_pool(tx, workspace, id).await? {
        work_queues::announce::life(tx, workspace, &queue, &pool, "deleted", now).await?;
    }
    announce::life(tx, workspace, &pool, "deleted", now).await?;
    tx.execute("DELETE FROM work_pool WHERE workspace_id = ?1 AND id = ?2", params![workspace, id]).await?;
    tx.notify(Topic::WorkPools);
    Ok(true)
}
