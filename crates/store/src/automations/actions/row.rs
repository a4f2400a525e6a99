use sluice_wire::automations::TriggeredAction;
use sluice_wire::ids::{AutomationId, WorkspaceId};
use uuid::Uuid;

use crate::Row;

/// An action that waits.
#[derive(Debug, Clone, PartialEq)]
pub struct PendingAction {
    /// Whose.
    pub workspace: WorkspaceId,
    /// How often it was begun.
    pub attempts: i64,
    /// What earlier tries have left behind.
    pub progress: Option<String>,
    /// What to do.
    pub action: TriggeredAction,
}

/// An action that waits and cannot be understood: another version has written it, or somebody changed it.
#[derive(Debug, Clone, PartialEq)]
pub struct UnreadableAction {
    /// Whose.
    pub workspace: WorkspaceId,
    /// Its id.
    pub id: Uuid,
    /// Of which automation.
    pub automation: AutomationId,
    /// What is wrong with it.
    pub reason: String,
}

/// Reads `id, workspace_id, automation_id, attempts, progress, action`.
pub(super) fn read(row: Row) -> crate::Result<Result<PendingAction, UnreadableAction>> {
    let mut columns = row.columns();
    let (id, workspace, automation) = (columns.take()?, columns.take()?, columns.take()?);
    let (attempts, progress) = (columns.take()?, columns.take()?);
    let action: String = columns.take()?;
    Ok(match serde_json::from_str(&action) {
        Ok(action) => Ok(PendingAction { workspace, attempts, progress, action }),
        Err(error) => Err(UnreadableAction { workspace, id, automation, reason: error.to_string() }),
    })
}
