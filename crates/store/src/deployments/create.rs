use serde_json::Value as JsonValue;
use sluice_wire::deployments::{DeploymentCreate, JsonObject};
use sluice_wire::ids::{DeploymentId, FlowId, WorkQueueId, WorkspaceId};
use sluice_wire::labels::KeyValueLabels;
use sluice_wire::time::Timestamp;

use super::changes::{self, Assignments};
use super::delete_scheduled_runs::{WhichRuns, delete_scheduled_runs};
use super::{StoredDeployment, concurrency_limit, events, read, update::set_columns};
use crate::{Json, Result, Sql, StoreError, Topic, Tx, Value, deployment_schedules, params};

/// Creates the deployment, or updates the one of this name and flow with what was sent: its schedules are replaced
/// and its future scheduled runs deleted. Returns the deployment and whether it is new. `work_queue` is the queue
/// to set; none leaves it.
pub async fn create(
    tx: &mut Tx,
    workspace: WorkspaceId,
    create: &DeploymentCreate,
    work_queue: Option<WorkQueueId>,
    now: Timestamp,
) -> Result<(StoredDeployment, bool)> {
    let labels = with_system_labels(tx, workspace, create).await?;
    let mut assignments = changes::of_create(create, &labels);
    if let Some(work_queue) = work_queue {
        assignments.push(("work_queue_id", work_queue.into()));
    }
    let mut existing = find(tx, workspace, create.flow_id, &create.name).await?;
    let mut is_new = false;
    if existing.is_none() {
        is_new = insert(tx, workspace, create, assignments.clone(), now).await?;
        if !is_new {
            existing = find(tx, workspace, create.flow_id, &create.name).await?;
        }
    }
    let id = match existing {
        Some(id) => id,
        None => find(tx, workspace, create.flow_id, &create.name).await?.ok_or_else(gone)?,
    };
    let before = if is_new { None } else { read(tx, workspace, id).await? };
    if !is_new {
        set_columns(tx, workspace, id, assignments, now).await?;
        delete_scheduled_runs(tx, workspace, id, WhichRuns::FutureAutoScheduled, now).await?;
        deployment_schedules::delete_all(tx, workspace, id).await?;
    }
    deployment_schedules::create(tx, workspace, id, &create.schedules, now).await?;
    if create.concurrency_limit.is_set() {
        concurrency_limit::set(tx, workspace, id, create.concurrency_limit.value().copied(), now).await?;
    }
    let after = read(tx, workspace, id).await?.ok_or_else(gone)?;
    match before {
        None => events::created(tx, workspace, &after, now).await?,
        Some(before) => events::updated(tx, workspace, &before, &after, now).await?,
    }
    tx.notify(Topic::Schedules);
    Ok((after, is_new))
}

fn gone() -> StoreError {
    StoreError::Internal("the deployment is gone again".to_owned())
}

async fn find(tx: &mut Tx, workspace: WorkspaceId, flow: FlowId, name: &str) -> Result<Option<DeploymentId>> {
    tx.query_for_update(
        "SELECT id FROM deployment WHERE workspace_id = ?1 AND flow_id = ?2 AND name = ?3",
        params![workspace, flow, name],
    )
    .await?
    .into_iter()
    .next()
    .map(crate::Row::scalar)
    .transpose()
}

/// Returns false when another transaction was faster.
async fn insert(
    tx: &mut Tx,
    workspace: WorkspaceId,
    create: &DeploymentCreate,
    assignments: Assignments,
    now: Timestamp,
) -> Result<bool> {
    let mut columns: Assignments = vec![
        ("id", DeploymentId::random().into()),
        ("workspace_id", workspace.into()),
        ("created", now.into()),
        ("updated", now.into()),
        ("name", (&create.name).into()),
        ("flow_id", create.flow_id.into()),
        ("status", "NOT_READY".into()),
    ];
    columns.extend(assignments);
    let defaults: [(&str, Value); 6] = [
        ("paused", false.into()),
        ("enforce_parameter_schema", true.into()),
        ("tags", Value::from(Json(JsonValue::Array(Vec::new())))),
        ("job_variables", changes::object(&JsonObject::new())),
        ("pull_steps", Value::from(Json(JsonValue::Array(Vec::new())))),
        ("parameter_openapi_schema", changes::object(&JsonObject::new())),
    ];
    for (column, default) in defaults {
        if !columns.iter().any(|(name, _)| *name == column) {
            columns.push((column, default));
        }
    }
    let mut sql = Sql::new(tx.dialect(), "INSERT INTO deployment (");
    sql.push(&columns.iter().map(|(column, _)| *column).collect::<Vec<_>>().join(", ")).push(") VALUES (");
    sql.bind_list(columns.into_iter().map(|(_, value)| value));
    sql.push(") ON CONFLICT (flow_id, name) DO NOTHING");
    Ok(tx.execute_sql(sql).await? == 1)
}

/// The flow's labels, over them the system's, over them the sent ones.
async fn with_system_labels(
    tx: &mut Tx,
    workspace: WorkspaceId,
    create: &DeploymentCreate,
) -> Result<KeyValueLabels> {
    let flow_labels: Option<Json<KeyValueLabels>> = tx
        .scalar(
            "SELECT labels FROM flow WHERE workspace_id = ?1 AND id = ?2",
            params![workspace, create.flow_id],
        )
        .await?;
    let mut labels = flow_labels.map(|Json(labels)| labels).unwrap_or_default();
    labels.set("prefect.flow.id", create.flow_id.to_string());
    Ok(labels.merged_with(&create.labels))
}
