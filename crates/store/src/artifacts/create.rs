use sluice_wire::artifacts::{Artifact, ArtifactCreate};
use sluice_wire::ids::{ArtifactId, WorkspaceId};
use sluice_wire::time::Timestamp;

use super::event::push_event;
use super::{read, read_latest};
use crate::{Json, Result, StoreError, Tx, params};

/// Creates the artifact; with a key it becomes the newest of the key.
pub async fn create(
    tx: &mut Tx,
    workspace: WorkspaceId,
    artifact: &ArtifactCreate,
    now: Timestamp,
) -> Result<Artifact> {
    let id = ArtifactId::sequential();
    let key = artifact.key.as_ref().map(|key| key.as_str());
    tx.execute(
        "INSERT INTO artifact (id, workspace_id, created, updated, key, type, description, data, metadata,
             flow_run_id, task_run_id)
         VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            id,
            workspace,
            now,
            key,
            artifact.r#type.as_deref(),
            artifact.description.as_deref(),
            artifact.data.as_ref(),
            artifact.metadata_.as_ref().map(Json),
            artifact.flow_run_id,
            artifact.task_run_id,
        ],
    )
    .await?;
    if let Some(key) = key {
        make_newest(tx, workspace, id, key, now).await?;
    }
    read(tx, workspace, id)
        .await?
        .ok_or_else(|| StoreError::Internal("the artifact is gone again".to_owned()))
}

async fn make_newest(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: ArtifactId,
    key: &str,
    now: Timestamp,
) -> Result<()> {
    let collection_id = ArtifactId::sequential();
    tx.execute(
        "INSERT INTO artifact_collection (id, workspace_id, created, updated, key, latest_id, type, description, data,
             metadata, flow_run_id, task_run_id)
         SELECT ?1, workspace_id, created, updated, key, id, type, description, data, metadata, flow_run_id,
             task_run_id
         FROM artifact WHERE workspace_id = ?2 AND id = ?3
         ON CONFLICT (workspace_id, key) DO UPDATE SET updated = excluded.updated, latest_id = excluded.latest_id,
             type = excluded.type, description = excluded.description, data = excluded.data,
             metadata = excluded.metadata, flow_run_id = excluded.flow_run_id, task_run_id = excluded.task_run_id",
        params![collection_id, workspace, id],
    )
    .await?;
    if let Some(collection) = read_latest(tx, workspace, key).await? {
        let action = if collection.id == collection_id { "created" } else { "updated" };
        push_event(tx, workspace, action, &collection, now).await?;
    }
    Ok(())
}
