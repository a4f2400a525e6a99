use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::Timestamp;
use sluice_wire::work_pools::{WorkPool, WorkPoolCreate};

use super::create::insert;
use super::read_by_name;
use crate::{Result, StoreError, Tx};

/// The pool of the queues that name none.
pub const DEFAULT_AGENT_POOL: &str = "default-agent-pool";

/// The pool for queues that name none, created with its default queue when it does not exist.
pub async fn ensure_default_agent_pool(
    tx: &mut Tx,
    workspace: WorkspaceId,
    now: Timestamp,
) -> Result<WorkPool> {
    if let Some(pool) = read_by_name(tx, workspace, DEFAULT_AGENT_POOL).await? {
        return Ok(pool);
    }
    let pool: WorkPoolCreate =
        serde_json::from_str(r#"{"name": "default-agent-pool", "type": "prefect-agent"}"#)
            .map_err(|error| StoreError::Internal(error.to_string()))?;
    let created = insert(tx, workspace, &pool, now).await?;
    Ok(read_by_name(tx, workspace, DEFAULT_AGENT_POOL).await?.unwrap_or(created))
}
