use sluice_wire::ids::{EventId, WorkPoolId, WorkspaceId};
use sluice_wire::json::RawJson;
use sluice_wire::numbers::NonNegative;
use sluice_wire::patch::Patch;
use sluice_wire::time::Timestamp;
use sluice_wire::work_pools::{WorkPoolStatus, WorkPoolUpdate};

use super::announce::{self, Changes};
use super::create::AGENT_TYPE;
use super::read::read_for_update;
use crate::{Json, Result, Topic, Tx, params, workers};

/// Changes what was sent; returns whether the pool exists. A pause and its end change the status too.
pub async fn update(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: WorkPoolId,
    update: &WorkPoolUpdate,
    now: Timestamp,
) -> Result<bool> {
    let Some(before) = read_for_update(tx, workspace, id).await? else { return Ok(false) };
    let mut pool = before.pool.clone();
    if let Some(description) = update.description.as_option() {
        pool.description = description.cloned();
    }
    if let Some(is_paused) = update.is_paused.value() {
        pool.is_paused = *is_paused;
    }
    match &update.base_job_template {
        Patch::Absent => {}
        Patch::Null => pool.base_job_template = RawJson::empty_object(),
        Patch::Value(template) => pool.base_job_template = template.clone(),
    }
    if let Some(limit) = update.concurrency_limit.as_option() {
        pool.concurrency_limit = limit.copied().map(NonNegative::get);
    }
    if let Some(storage) = update.storage_configuration.as_option() {
        pool.storage_configuration = storage.cloned().unwrap_or_default();
    }
    let new_status = match update.is_paused.value() {
        _ if pool.r#type == AGENT_TYPE => None,
        Some(true) => Some(WorkPoolStatus::Paused),
        Some(false) if workers::any_online(tx, id).await? => Some(WorkPoolStatus::Ready),
        Some(false) => Some(WorkPoolStatus::NotReady),
        None => None,
    };
    tx.execute(
        "UPDATE work_pool SET updated = ?3, description = ?4, is_paused = ?5, base_job_template = ?6,
             concurrency_limit = ?7, storage_configuration = ?8
         WHERE workspace_id = ?1 AND id = ?2",
        params![
            workspace,
            id,
            now,
            pool.description.as_ref(),
            pool.is_paused,
            &pool.base_job_template,
            pool.concurrency_limit,
            Json(&pool.storage_configuration),
        ],
    )
    .await?;
    let mut changes = Changes::default();
    changes.note("description", &before.pool.description, &pool.description);
    changes.note("base_job_template", &before.pool.base_job_template, &pool.base_job_template);
    changes.note("concurrency_limit", &before.pool.concurrency_limit, &pool.concurrency_limit);
    changes.note("storage_configuration", &before.pool.storage_configuration, &pool.storage_configuration);
    announce::updated(tx, workspace, &pool, changes, now).await?;
    if let Some(status) = new_status {
        set_status(tx, workspace, id, status, now).await?;
    }
    tx.notify(Topic::WorkPools);
    Ok(true)
}

/// Sets the status and tells of it by an event; returns whether the pool exists.
pub async fn set_status(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: WorkPoolId,
    status: WorkPoolStatus,
    now: Timestamp,
) -> Result<bool> {
    let Some(before) = read_for_update(tx, workspace, id).await? else { return Ok(false) };
    let event_id = EventId::sequential();
    tx.execute(
        "UPDATE work_pool SET status = ?3, last_status_event_id = ?4, last_transitioned_status_at = ?5
         WHERE workspace_id = ?1 AND id = ?2",
        params![workspace, id, status.as_str(), event_id, now],
    )
    .await?;
    let mut pool = before.pool.clone();
    pool.status = Some(status);
    announce::status(tx, workspace, Some(&before), &pool, event_id, now).await?;
    Ok(true)
}
