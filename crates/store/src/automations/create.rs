use sluice_wire::automations::{Automation, AutomationCore};
use sluice_wire::ids::{AutomationId, WorkspaceId};
use sluice_wire::time::Timestamp;

use super::event::push_event;
use super::related::sync_related;
use super::{text, version};
use crate::{Result, Tx, params};

/// Creates the automation, and its owner's claim to it.
pub async fn create(
    tx: &mut Tx,
    workspace: WorkspaceId,
    core: &AutomationCore,
    owner_resource: Option<&str>,
    now: Timestamp,
) -> Result<Automation> {
    let id = AutomationId::sequential();
    let automation = Automation { id, created: now, updated: now, core: core.clone() };
    tx.execute(
        "INSERT INTO automation (id, workspace_id, created, updated, name, description, enabled, tags, \
         trigger_definition, actions, actions_on_trigger, actions_on_resolve)
         VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            id,
            workspace,
            now,
            &core.name,
            &core.description,
            core.enabled,
            &core.tags,
            text(&core.trigger)?,
            text(&core.actions)?,
            text(&core.actions_on_trigger)?,
            text(&core.actions_on_resolve)?,
        ],
    )
    .await?;
    sync_related(tx, workspace, id, core).await?;
    if let Some(owner) = owner_resource {
        super::relate_to_owner(tx, workspace, id, owner).await?;
    }
    version::bump(tx).await?;
    push_event(tx, workspace, "created", &automation, now).await?;
    Ok(automation)
}
