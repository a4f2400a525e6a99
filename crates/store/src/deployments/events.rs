//! The events `prefect.deployment.*`, committed with the change that they report.

use serde_json::json;
use sluice_wire::deployments::DeploymentStatus;
use sluice_wire::events::{Event, Labels, RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::json::RawJson;
use sluice_wire::time::Timestamp;

use super::StoredDeployment;
use super::changes::changed_fields;
use crate::{Result, StoreError, Tx, outbox, params};

pub(super) async fn created(
    tx: &mut Tx,
    workspace: WorkspaceId,
    stored: &StoredDeployment,
    now: Timestamp,
) -> Result<()> {
    let related = related(tx, workspace, stored).await?;
    push(tx, workspace, "created", stored, related, None, now).await
}

/// Nothing when no reported field changed.
pub(super) async fn updated(
    tx: &mut Tx,
    workspace: WorkspaceId,
    before: &StoredDeployment,
    after: &StoredDeployment,
    now: Timestamp,
) -> Result<()> {
    let changed = changed_fields(before, after)?;
    if changed.is_empty() {
        return Ok(());
    }
    let fields: Vec<&String> = changed.keys().collect();
    let payload = RawJson::from_value(&json!({ "updated_fields": fields, "updates": changed }))
        .map_err(|error| StoreError::Internal(error.to_string()))?;
    let related = related(tx, workspace, after).await?;
    push(tx, workspace, "updated", after, related, Some(payload), now).await
}

pub(super) async fn deleted(
    tx: &mut Tx,
    workspace: WorkspaceId,
    stored: &StoredDeployment,
    related: Vec<Labels>,
    now: Timestamp,
) -> Result<()> {
    push(tx, workspace, "deleted", stored, related, None, now).await
}

pub(super) async fn status_changed(
    tx: &mut Tx,
    workspace: WorkspaceId,
    stored: &StoredDeployment,
    status: DeploymentStatus,
    now: Timestamp,
) -> Result<()> {
    let related = related(tx, workspace, stored).await?;
    push(tx, workspace, status.in_event_name(), stored, related, None, now).await
}

async fn push(
    tx: &mut Tx,
    workspace: WorkspaceId,
    what: &str,
    stored: &StoredDeployment,
    related: Vec<Labels>,
    payload: Option<RawJson>,
    now: Timestamp,
) -> Result<()> {
    let deployment = &stored.deployment;
    let resource = labels([
        (RESOURCE_ID, format!("prefect.deployment.{}", deployment.id)),
        (RESOURCE_NAME, deployment.name.clone()),
    ]);
    let mut event = Event::new(now, format!("prefect.deployment.{what}"), resource);
    event.related = related;
    if let Some(payload) = payload {
        event.payload = payload;
    }
    outbox::push(tx, workspace, &event).await
}

/// The flow, the queue, the pool, the blocks and the limit of the deployment.
pub(super) async fn related(
    tx: &mut Tx,
    workspace: WorkspaceId,
    stored: &StoredDeployment,
) -> Result<Vec<Labels>> {
    let deployment = &stored.deployment;
    let mut related = Vec::new();
    let flow_name: Option<String> = tx
        .scalar(
            "SELECT name FROM flow WHERE workspace_id = ?1 AND id = ?2",
            params![workspace, deployment.flow_id],
        )
        .await?;
    if let Some(name) = flow_name {
        related.push(labels([
            (RESOURCE_ID, format!("prefect.flow.{}", deployment.flow_id)),
            (RESOURCE_NAME, name),
            (RESOURCE_ROLE, "flow".to_owned()),
        ]));
    }
    if let (Some(id), Some(name)) = (deployment.work_queue_id, &deployment.work_queue_name) {
        related.push(labels([
            (RESOURCE_ID, format!("prefect.work-queue.{id}")),
            (RESOURCE_NAME, name.clone()),
            (RESOURCE_ROLE, "work-queue".to_owned()),
        ]));
    }
    if let (Some(id), Some(name)) = (stored.work_pool_id, &deployment.work_pool_name) {
        let pool_type: Option<String> = tx
            .scalar("SELECT type FROM work_pool WHERE workspace_id = ?1 AND id = ?2", params![workspace, id])
            .await?;
        related.push(labels([
            (RESOURCE_ID, format!("prefect.work-pool.{id}")),
            (RESOURCE_NAME, name.clone()),
            ("prefect.work-pool.type", pool_type.unwrap_or_default()),
            (RESOURCE_ROLE, "work-pool".to_owned()),
        ]));
    }
    let blocks = [
        (deployment.storage_document_id, "storage"),
        (deployment.infrastructure_document_id, "infrastructure"),
    ];
    for (block, role) in blocks {
        if let Some(id) = block {
            related.push(labels([
                (RESOURCE_ID, format!("prefect.block-document.{id}")),
                (RESOURCE_ROLE, role.to_owned()),
            ]));
        }
    }
    if let Some(limit) = &deployment.global_concurrency_limit {
        related.push(labels([
            (RESOURCE_ID, format!("prefect.concurrency-limit.{}", limit.id)),
            (RESOURCE_ROLE, "concurrency-limit".to_owned()),
        ]));
    }
    Ok(related)
}

fn labels<const N: usize>(pairs: [(&str, String); N]) -> Labels {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
