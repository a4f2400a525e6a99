//! What is to be done because automations fired.
//!
//! An action on this server's own data is done in the transaction that takes its row out. A message to somebody else
//! cannot be: its row is claimed, the message is sent, and the row goes or waits for another try (`messages`).

mod messages;
mod row;

use sluice_wire::automations::TriggeredAction;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::Timestamp;
use uuid::Uuid;

pub use self::messages::{
    Claim, claim_messages, complete_message, keep_message, next_message, return_message,
};
pub use self::row::{PendingAction, UnreadableAction};

use super::text;
use crate::{Result, Topic, Tx, params};

/// Commits what is to be done with the firing.
pub async fn insert(
    tx: &mut Tx,
    workspace: WorkspaceId,
    actions: &[TriggeredAction],
    now: Timestamp,
) -> Result<()> {
    let rows = actions
        .iter()
        .map(|action| {
            let is_message = action.action.is_message();
            Ok(params![action.id, workspace, now, action.automation.id, is_message, 0_i64, text(action)?])
        })
        .collect::<Result<Vec<_>>>()?;
    tx.execute_many(
        "INSERT INTO automation_action (id, workspace_id, created, automation_id, is_message, attempts,
             next_attempt, action)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?3, ?7)",
        rows,
    )
    .await?;
    tx.notify(Topic::Actions);
    Ok(())
}

/// Actions on this server's own data whose time has come, oldest first.
pub async fn due(
    tx: &mut Tx,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<std::result::Result<PendingAction, UnreadableAction>>> {
    let rows = tx
        .query(
            "SELECT id, workspace_id, automation_id, attempts, progress, action FROM automation_action
             WHERE is_message = ?1 AND next_attempt <= ?2 ORDER BY next_attempt, position LIMIT ?3",
            params![false, now, limit],
        )
        .await?;
    rows.into_iter().map(row::read).collect()
}

/// Takes the action out: who does it in the same transaction does it once. False: it was done already.
pub async fn complete(tx: &mut Tx, workspace: WorkspaceId, id: Uuid) -> Result<bool> {
    let deleted = tx
        .execute("DELETE FROM automation_action WHERE workspace_id = ?1 AND id = ?2", params![workspace, id])
        .await?;
    Ok(deleted == 1)
}
