use sluice_wire::flows::{Flow, FlowCreate};
use sluice_wire::ids::{FlowId, WorkspaceId};
use sluice_wire::json::RawJson;
use sluice_wire::time::Timestamp;

use super::event::push_event;
use super::read_by_name;
use crate::{Result, StoreError, Tx, params};

/// Creates the flow unless its name is taken; returns the flow of that name and whether it is new.
pub async fn create(
    tx: &mut Tx,
    workspace: WorkspaceId,
    flow: &FlowCreate,
    now: Timestamp,
) -> Result<(Flow, bool)> {
    if let Some(existing) = read_by_name(tx, workspace, &flow.name).await? {
        return Ok((existing, false));
    }
    let inserted = tx
        .execute(
            "INSERT INTO flow (id, workspace_id, created, updated, name, tags, labels)
             VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6) ON CONFLICT (workspace_id, name) DO NOTHING",
            params![
                FlowId::random(),
                workspace,
                now,
                &*flow.name,
                &flow.tags,
                flow.labels.clone().unwrap_or_else(RawJson::empty_object),
            ],
        )
        .await?;
    let flow = read_by_name(tx, workspace, &flow.name)
        .await?
        .ok_or_else(|| StoreError::Internal("the flow is gone again".to_owned()))?;
    let is_new = inserted == 1;
    if is_new {
        push_event(tx, workspace, "created", &flow, now).await?;
    }
    Ok((flow, is_new))
}
