use sluice_wire::ids::{WorkQueueId, WorkspaceId};
use sluice_wire::numbers::{NonNegative, Positive};
use sluice_wire::time::{TimeDelta, Timestamp};
use sluice_wire::work_queues::{WorkQueueStatus, WorkQueueUpdate};

use super::{announce, priorities, read};
use crate::work_pools::announce::Changes;
use crate::{Result, StoreError, Topic, Tx, params, work_pools};

/// A queue that was polled within this time is READY when its pause ends.
const POLLED_LATELY: TimeDelta = TimeDelta::from_secs(60);

/// Changes what was sent; returns whether the queue exists. [`StoreError::Unique`] when the new name is taken.
pub async fn update(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: WorkQueueId,
    update: &WorkQueueUpdate,
    now: Timestamp,
) -> Result<bool> {
    let Some(before) = read(tx, workspace, id).await? else { return Ok(false) };
    let mut queue = before.clone();
    if let Some(name) = update.name.value() {
        queue.name.clone_from(name);
    }
    if let Some(description) = update.description.as_option() {
        queue.description = Some(description.cloned().unwrap_or_default());
    }
    if let Some(is_paused) = update.is_paused.value() {
        queue.is_paused = *is_paused;
    }
    if let Some(limit) = update.concurrency_limit.as_option() {
        queue.concurrency_limit = limit.copied().map(NonNegative::get);
    }
    if let Some(priority) = update.priority.value() {
        queue.priority = priority.get();
    }
    if let Some(last_polled) = update.last_polled.as_option() {
        queue.last_polled = last_polled.copied();
    }
    if let Some(filter) = update.filter.as_option() {
        queue.filter = filter.cloned();
    }
    let was_paused = before.status == Some(WorkQueueStatus::Paused);
    let was_polled_lately = queue.last_polled.is_some_and(|polled| now.since(polled) <= POLLED_LATELY);
    let new_status = match update.is_paused.value() {
        Some(true) if !was_paused => Some(WorkQueueStatus::Paused),
        Some(false) if was_paused && was_polled_lately => Some(WorkQueueStatus::Ready),
        Some(false) if was_paused => Some(WorkQueueStatus::NotReady),
        _ => None,
    };
    queue.status = new_status.or(before.status);
    tx.execute(
        "UPDATE work_queue SET updated = ?3, name = ?4, description = ?5, is_paused = ?6, concurrency_limit = ?7,
             priority = ?8, last_polled = ?9, filter = ?10, status = ?11
         WHERE workspace_id = ?1 AND id = ?2",
        params![
            workspace,
            id,
            now,
            &queue.name,
            queue.description.as_deref().unwrap_or_default(),
            queue.is_paused,
            queue.concurrency_limit,
            queue.priority,
            queue.last_polled,
            queue.filter.as_ref(),
            queue.status.map(WorkQueueStatus::as_str),
        ],
    )
    .await?;
    let pool_id =
        queue.work_pool_id.ok_or_else(|| StoreError::Corrupt("a work queue has no pool".to_owned()))?;
    if let Some(priority) = update.priority.value().copied().map(Positive::get) {
        priorities::arrange(tx, pool_id, Some((id, priority))).await?;
    }
    let Some(pool) = work_pools::read(tx, workspace, pool_id).await? else { return Ok(true) };
    let mut changes = Changes::default();
    changes.note("name", &before.name, &queue.name);
    changes.note("description", &before.description, &queue.description);
    changes.note("concurrency_limit", &before.concurrency_limit, &queue.concurrency_limit);
    changes.note("priority", &before.priority, &queue.priority);
    announce::updated(tx, workspace, &queue, &pool, changes, now).await?;
    if new_status.is_some() {
        announce::status(tx, workspace, &queue, &pool, now).await?;
    }
    tx.notify(Topic::WorkPools);
    Ok(true)
}
