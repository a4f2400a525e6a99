//! When triggers that nothing has to happen for are looked at, and what metrics know.

use std::collections::HashMap;

use sluice_wire::ids::{AutomationId, WorkspaceId};
use sluice_wire::time::Timestamp;
use uuid::Uuid;

use crate::{Result, Tx, params};

/// When each trigger is looked at next. One that is not there is due.
pub async fn read(tx: &mut Tx) -> Result<HashMap<Uuid, Timestamp>> {
    let rows =
        tx.query("SELECT trigger_id, next_evaluation FROM automation_trigger_schedule", Vec::new()).await?;
    rows.into_iter()
        .map(|row| {
            let mut columns = row.columns();
            Ok((columns.take()?, columns.take()?))
        })
        .collect()
}

/// What a trigger knows, as JSON, if it wrote something.
pub async fn read_state(
    tx: &mut Tx,
    workspace: WorkspaceId,
    automation: AutomationId,
    trigger: Uuid,
) -> Result<Option<String>> {
    let state: Option<Option<String>> = tx
        .scalar(
            "SELECT state FROM automation_trigger_schedule
             WHERE workspace_id = ?1 AND automation_id = ?2 AND trigger_id = ?3",
            params![workspace, automation, trigger],
        )
        .await?;
    Ok(state.flatten())
}

/// When the trigger is looked at next, and what it knows.
pub async fn write(
    tx: &mut Tx,
    workspace: WorkspaceId,
    automation: AutomationId,
    trigger: Uuid,
    next: Timestamp,
    state: Option<&str>,
) -> Result<()> {
    tx.execute(
        "INSERT INTO automation_trigger_schedule
             (workspace_id, automation_id, trigger_id, next_evaluation, state)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (automation_id, trigger_id) DO UPDATE SET next_evaluation = ?4, state = ?5",
        params![workspace, automation, trigger, next, state],
    )
    .await?;
    Ok(())
}
