use sluice_wire::deployments::{CheckedWorkQueue, QueueFilter};
use sluice_wire::ids::WorkspaceId;

use super::StoredDeployment;
use crate::{Json, Result, Tx, params};

/// The queues that take the deployment by their filter: those without one take everything.
pub async fn work_queue_check(
    tx: &mut Tx,
    workspace: WorkspaceId,
    stored: &StoredDeployment,
) -> Result<Vec<CheckedWorkQueue>> {
    let rows = tx
        .query(
            "SELECT id, created, updated, name, description, is_paused, concurrency_limit, priority, work_pool_id,
             filter, last_polled FROM work_queue WHERE workspace_id = ?1 ORDER BY created, priority, id",
            params![workspace],
        )
        .await?;
    let mut taking = Vec::new();
    for row in rows {
        let mut columns = row.columns();
        let queue = CheckedWorkQueue {
            id: columns.take()?,
            created: columns.take()?,
            updated: columns.take()?,
            name: columns.take()?,
            description: columns.take()?,
            is_paused: columns.take()?,
            concurrency_limit: columns.take()?,
            priority: columns.take()?,
            work_pool_id: columns.take()?,
            filter: columns.take::<Option<Json<QueueFilter>>>()?.map(|Json(filter)| filter),
            last_polled: columns.take()?,
        };
        if queue.filter.as_ref().is_none_or(|filter| takes(filter, stored)) {
            taking.push(queue);
        }
    }
    Ok(taking)
}

/// A queue takes a deployment that has all of its tags and that it names, if it names any.
fn takes(filter: &QueueFilter, stored: &StoredDeployment) -> bool {
    let tags = filter.tags.as_deref().unwrap_or_default();
    let ids = filter.deployment_ids.as_deref().unwrap_or_default();
    tags.iter().all(|tag| stored.deployment.tags.contains(tag))
        && (ids.is_empty() || ids.contains(&stored.deployment.id))
}
