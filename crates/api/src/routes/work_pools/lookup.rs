//! What every route below a pool's name does first.

use sluice_store::{Tx, work_pools, work_queues};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::work_pools::WorkPool;
use sluice_wire::work_queues::WorkQueue;

use crate::ApiError;

/// Names that begin so are reserved.
const RESERVED_PREFIX: &str = "prefect";

pub(crate) fn is_reserved(name: &str) -> bool {
    name.to_lowercase().starts_with(RESERVED_PREFIX)
}

/// The pool of this name, or 404.
pub(super) async fn pool(tx: &mut Tx, workspace: WorkspaceId, name: &str) -> Result<WorkPool, ApiError> {
    work_pools::read_by_name(tx, workspace, name)
        .await?
        .ok_or_else(|| ApiError::not_found(format!("Work pool \"{name}\" not found.")))
}

/// The queue of this name in the pool of that name, or 404.
pub(super) async fn queue(
    tx: &mut Tx,
    workspace: WorkspaceId,
    pool: &WorkPool,
    name: &str,
) -> Result<WorkQueue, ApiError> {
    work_queues::read_by_name(tx, workspace, pool.id, name)
        .await?
        .ok_or_else(|| ApiError::not_found(format!("Work pool queue '{}/{name}' not found.", pool.name)))
}
