use sluice_wire::ids::{ArtifactId, WorkspaceId};
use sluice_wire::time::Timestamp;

use super::event::push_event;
use super::{read, read_latest};
use crate::{Result, Tx, params};

/// Deletes the artifact; the one before it becomes the newest of its key. Returns whether it existed.
pub async fn delete(tx: &mut Tx, workspace: WorkspaceId, id: ArtifactId, now: Timestamp) -> Result<bool> {
    let Some(artifact) = read(tx, workspace, id).await? else { return Ok(false) };
    tx.execute("DELETE FROM artifact WHERE workspace_id = ?1 AND id = ?2", params![workspace, id]).await?;
    if let Some(key) = &artifact.key {
        replace_newest(tx, workspace, id, key, now).await?;
    }
    Ok(true)
}

async fn replace_newest(
    tx: &mut Tx,
    workspace: WorkspaceId,
    deleted: ArtifactId,
    key: &str,
    now: Timestamp,
) -> Result<()> {
    let Some(collection) = read_latest(tx, workspace, key).await? else { return Ok(()) };
    if collection.latest_id != deleted {
        return Ok(());
    }
    let next: Option<ArtifactId> = tx
        .scalar(
            "SELECT id FROM artifact WHERE workspace_id = ?1 AND key = ?2 ORDER BY created DESC, id DESC LIMIT 1",
            params![workspace, key],
        )
        .await?;
    let Some(next) = next else {
        push_event(tx, workspace, "deleted", &collection, now).await?;
        tx.execute(
            "DELETE FROM artifact_collection WHERE workspace_id = ?1 AND id = ?2",
            params![workspace, collection.id],
        )
        .await?;
        return Ok(());
    };
    tx.execute(
        "UPDATE artifact_collection SET (created, updated, latest_id, type, description, data, metadata, flow_run_id,
             task_run_id) = (SELECT newest.created, newest.updated, newest.id, newest.type, newest.description,
             newest.data, newest.metadata, newest.flow_run_id, newest.task_run_id
             FROM artifact AS newest WHERE newest.workspace_id = ?1 AND newest.id = ?2)
         WHERE workspace_id = ?1 AND id = ?3",
        params![workspace, next, collection.id],
    )
    .await?;
    if let Some(collection) = read_latest(tx, workspace, key).await? {
        push_event(tx, workspace, "updated", &collection, now).await?;
    }
    Ok(())
}
