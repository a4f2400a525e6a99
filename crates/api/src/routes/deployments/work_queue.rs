//! Which queue the runs of a deployment go to.

use sluice_store::{Tx, work_pools, work_queues};
use sluice_wire::ids::{WorkQueueId, WorkspaceId};
use sluice_wire::time::Timestamp;
use sluice_wire::work_pools::WorkPool;

use crate::ApiError;

/// The pool of this name, or 404.
pub(crate) async fn pool_named(
    tx: &mut Tx,
    workspace: WorkspaceId,
    name: &str,
) -> Result<WorkPool, ApiError> {
    work_pools::read_by_name(tx, workspace, name)
        .await?
        .ok_or_else(|| ApiError::not_found(format!("Work pool \"{name}\" not found.")))
}

/// The queue that the names ask for, created when its pool has none of this name: a queue of a pool, the pool's
/// default queue, or a queue of the pool for queues that name none. None when nothing is named.
pub(crate) async fn resolve(
    tx: &mut Tx,
    workspace: WorkspaceId,
    pool_name: Option<&str>,
    queue_name: Option<&str>,
    now: Timestamp,
) -> Result<Option<WorkQueueId>, ApiError> {
    let pool_name = pool_name.filter(|name| !name.is_empty());
    let queue_name = queue_name.filter(|name| !name.is_empty());
    match (pool_name, queue_name) {
        (Some(pool), Some(queue)) => {
            let pool = pool_named(tx, workspace, pool).await?;
            Ok(Some(work_queues::ensure_in_pool(tx, workspace, &pool, queue, now).await?))
        }
        (Some(pool), None) => Ok(pool_named(tx, workspace, pool).await?.default_queue_id),
        (None, Some(queue)) => {
            Ok(Some(work_queues::ensure_in_default_pool(tx, workspace, queue, now).await?))
        }
        (None, None) => Ok(None),
    }
}
