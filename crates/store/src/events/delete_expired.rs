use std::collections::BTreeMap;

use sluice_wire::events::RESOURCE_ID;
use sluice_wire::ids::{EventId, WorkspaceId};
use sluice_wire::time::Timestamp;

use crate::{Json, Result, Tx, params};

/// Deletes events that occurred before `before`, at most `limit` of them, oldest first in each workspace; returns
/// how many.
pub async fn delete_expired(
    tx: &mut Tx,
    workspace: WorkspaceId,
    before: Timestamp,
    limit: i64,
) -> Result<usize> {
    let expired = tx
        .query(
            "SELECT id, occurred, related FROM event WHERE workspace_id = ?1 AND occurred < ?2
             ORDER BY occurred, id LIMIT ?3",
            params![workspace, before, limit],
        )
        .await?;
    let (mut events, mut related) = (Vec::with_capacity(expired.len()), Vec::new());
    for row in expired {
        let mut columns = row.columns();
        let (id, occurred): (EventId, Timestamp) = (columns.take()?, columns.take()?);
        let Json(resources): Json<Vec<BTreeMap<String, String>>> = columns.take()?;
        for resource_id in resources.iter().filter_map(|labels| labels.get(RESOURCE_ID)) {
            related.push(params![workspace, resource_id, occurred, id]);
        }
        events.push(params![id]);
    }
    let deleted = events.len();
    tx.execute_many(
        "DELETE FROM event_related
         WHERE workspace_id = ?1 AND resource_id = ?2 AND occurred = ?3 AND event_id = ?4",
        related,
    )
    .await?;
    tx.execute_many("DELETE FROM event WHERE id = ?1", events).await?;
    Ok(deleted)
}
