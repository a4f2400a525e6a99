use serde_json::json;
use sluice_wire::ids::{WorkQueueId, WorkspaceId};
use sluice_wire::time::Timestamp;
use sluice_wire::work_pools::WorkPool;
use sluice_wire::work_queues::WorkQueueCreate;

use super::{create, read_by_name};
use crate::work_pools::ensure_default_agent_pool;
use crate::{Result, StoreError, Tx};

/// The queue of this name in the pool, created when it does not exist.
pub async fn ensure_in_pool(
    tx: &mut Tx,
    workspace: WorkspaceId,
    pool: &WorkPool,
    name: &str,
    now: Timestamp,
) -> Result<WorkQueueId> {
    if let Some(queue) = read_by_name(tx, workspace, pool.id, name).await? {
        return Ok(queue.id);
    }
    let queue: WorkQueueCreate = serde_json::from_value(json!({ "name": name }))
        .map_err(|error| StoreError::InvalidText(error.to_string()))?;
    Ok(create(tx, workspace, pool, &queue, now).await?.id)
}

/// The queue of this name in the pool of queues that name none; pool and queue are created when they do not exist.
pub async fn ensure_in_default_pool(
    tx: &mut Tx,
    workspace: WorkspaceId,
    name: &str,
    now: Timestamp,
) -> Result<WorkQueueId> {
    let pool = ensure_default_agent_pool(tx, workspace, now).await?;
    ensure_in_pool(tx, workspace, &pool, name, now).await
}
