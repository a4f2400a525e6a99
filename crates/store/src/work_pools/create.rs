use sluice_wire::ids::{EventId, WorkPoolId, WorkQueueId, WorkspaceId};
use sluice_wire::numbers::NonNegative;
use sluice_wire::time::Timestamp;
use sluice_wire::work_pools::{WorkPool, WorkPoolCreate, WorkPoolStatus};
use sluice_wire::work_queues::WorkQueueCreate;

use super::{announce, read};
use crate::{Json, Result, StoreError, Tx, params, work_queues};

/// The type of pools whose runs are taken by agents of old; they have no status.
pub(crate) const AGENT_TYPE: &str = "prefect-agent";

/// Creates the pool with its queue `default`. [`StoreError::Unique`] when the name is taken.
pub async fn create(
    tx: &mut Tx,
    workspace: WorkspaceId,
    pool: &WorkPoolCreate,
    now: Timestamp,
) -> Result<WorkPool> {
    let created = insert(tx, workspace, pool, now).await?;
    // Its first status is told of whatever the type, as the reference does, although agents' pools show none.
    let shown = WorkPool { status: Some(first_status(pool)), ..created.clone() };
    announce::status(tx, workspace, None, &shown, EventId::sequential(), now).await?;
    Ok(created)
}

fn first_status(pool: &WorkPoolCreate) -> WorkPoolStatus {
    let is_paused = pool.is_paused && pool.r#type != AGENT_TYPE;
    if is_paused { WorkPoolStatus::Paused } else { WorkPoolStatus::NotReady }
}

/// As [`create`], without telling of the status.
pub(super) async fn insert(
    tx: &mut Tx,
    workspace: WorkspaceId,
    pool: &WorkPoolCreate,
    now: Timestamp,
) -> Result<WorkPool> {
    let id = WorkPoolId::random();
    let queue_id = WorkQueueId::random();
    tx.execute(
        "INSERT INTO work_pool (id, workspace_id, created, updated, name, description, type, base_job_template,
                                is_paused, concurrency_limit, default_queue_id, status, storage_configuration)
         VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        params![
            id,
            workspace,
            now,
            &*pool.name,
            pool.description.as_ref(),
            &pool.r#type,
            &pool.base_job_template,
            pool.is_paused,
            pool.concurrency_limit.map(NonNegative::get),
            queue_id,
            first_status(pool).as_str(),
            Json(&pool.storage_configuration),
        ],
    )
    .await?;
    let created = read(tx, workspace, id)
        .await?
        .ok_or_else(|| StoreError::Internal("the work pool is gone again".to_owned()))?;
    let queue: WorkQueueCreate = default_queue()?;
    work_queues::insert(tx, workspace, &created, queue_id, &queue, now).await?;
    announce::life(tx, workspace, &created, "created", now).await?;
    Ok(created)
}

fn default_queue() -> Result<WorkQueueCreate> {
    serde_json::from_str(r#"{"name": "default", "description": "The work pool's default queue."}"#)
        .map_err(|error| StoreError::Internal(error.to_string()))
}
