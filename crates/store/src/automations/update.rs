use sluice_wire::automations::{Automation, AutomationCore};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::Timestamp;

use super::event::push_event;
use super::related::sync_related;
use super::{text, version};
use crate::{Result, Tx, params};

/// Writes an automation that was just read anew. What its old triggers had counted is forgotten.
pub async fn update(
    tx: &mut Tx,
    workspace: WorkspaceId,
    automation: Automation,
    core: &AutomationCore,
    now: Timestamp,
) -> Result<()> {
    let id = automation.id;
    tx.execute(
        "UPDATE automation SET updated = ?3, name = ?4, description = ?5, enabled = ?6, tags = ?7,
         trigger_definition = ?8, actions = ?9, actions_on_trigger = ?10, actions_on_resolve = ?11
         WHERE workspace_id = ?1 AND id = ?2",
        params![
            workspace,
            id,
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
    for forget in [
        "DELETE FROM automation_bucket WHERE workspace_id = ?1 AND automation_id = ?2",
        "DELETE FROM automation_trigger_schedule WHERE workspace_id = ?1 AND automation_id = ?2",
        "DELETE FROM automation_child_firing WHERE workspace_id = ?1 AND automation_id = ?2",
    ] {
        tx.execute(forget, params![workspace, id]).await?;
    }
    sync_related(tx, workspace, id, core).await?;
    version::bump(tx).await?;
    let updated = Automation { updated: now, core: core.clone(), ..automation };
    push_event(tx, workspace, "updated", &updated, now).await
}

/// Pauses an automation that was just read, or lets it go on. A window that was open while it was paused is
/// forgotten: nobody looked whether events happened in it.
pub async fn set_enabled(
    tx: &mut Tx,
    workspace: WorkspaceId,
    mut automation: Automation,
    enabled: bool,
    now: Timestamp,
) -> Result<()> {
    if automation.core.enabled != enabled {
        for forget in [
            "DELETE FROM automation_bucket WHERE workspace_id = ?1 AND automation_id = ?2",
            "DELETE FROM automation_trigger_schedule WHERE workspace_id = ?1 AND automation_id = ?2",
        ] {
            tx.execute(forget, params![workspace, automation.id]).await?;
        }
    }
    tx.execute(
        "UPDATE automation SET updated = ?3, enabled = ?4 WHERE workspace_id = ?1 AND id = ?2",
        params![workspace, automation.id, now, enabled],
    )
    .await?;
    version::bump(tx).await?;
    automation.updated = now;
    automation.core.enabled = enabled;
    push_event(tx, workspace, "updated", &automation, now).await
}
