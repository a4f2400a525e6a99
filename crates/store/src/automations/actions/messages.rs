use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::Timestamp;
use uuid::Uuid;

use super::row::{self, PendingAction, UnreadableAction};
use crate::{Result, Topic, Tx, params};

/// The right to bring a message out. It ends with its time, and with the next claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// Whose message.
    pub workspace: WorkspaceId,
    /// The id of the action.
    pub id: Uuid,
    /// The number of the try, counted from 1.
    pub attempt: i64,
}

/// Claims messages whose time has come, oldest first: until `until` nobody else brings them out. Their attempts are
/// counted up.
pub async fn claim_messages(
    tx: &mut Tx,
    now: Timestamp,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<std::result::Result<PendingAction, UnreadableAction>>> {
    let rows = tx
        .query_for_update(
            "SELECT id, workspace_id, automation_id, attempts + 1, progress, action FROM automation_action
             WHERE is_message = ?1 AND next_attempt <= ?2 ORDER BY next_attempt, position LIMIT ?3",
            params![true, now, limit],
        )
        .await?;
    let claimed = rows.into_iter().map(row::read).collect::<Result<Vec<_>>>()?;
    let ids = claimed.iter().map(|row| match row {
        Ok(pending) => params![pending.action.id, until],
        Err(unreadable) => params![unreadable.id, until],
    });
    tx.execute_many(
        "UPDATE automation_action SET attempts = attempts + 1, next_attempt = ?2 WHERE id = ?1",
        ids.collect(),
    )
    .await?;
    Ok(claimed)
}

/// When the next message is to be brought out, claimed ones included.
pub async fn next_message(tx: &mut Tx) -> Result<Option<Timestamp>> {
    tx.scalar(
        "SELECT next_attempt FROM automation_action WHERE is_message = ?1 ORDER BY next_attempt, position LIMIT 1",
        params![true],
    )
    .await
}

/// Writes how far the message has come, and when it is looked at again. False: the claim is lost.
pub async fn keep_message(tx: &mut Tx, claim: &Claim, until: Timestamp, progress: &str) -> Result<bool> {
    let kept = tx
        .execute(
            "UPDATE automation_action SET next_attempt = ?4, progress = ?5
             WHERE workspace_id = ?1 AND id = ?2 AND attempts = ?3",
            params![claim.workspace, claim.id, claim.attempt, until, progress],
        )
        .await?;
    tx.notify(Topic::Actions);
    Ok(kept == 1)
}

/// Gives the message back as if it had not been claimed; it is claimed again from `until`.
pub async fn return_message(tx: &mut Tx, claim: &Claim, until: Timestamp) -> Result<()> {
    tx.execute(
        "UPDATE automation_action SET next_attempt = ?4, attempts = attempts - 1
         WHERE workspace_id = ?1 AND id = ?2 AND attempts = ?3",
        params![claim.workspace, claim.id, claim.attempt, until],
    )
    .await?;
    tx.notify(Topic::Actions);
    Ok(())
}

/// Takes the message out. False: the claim is lost.
pub async fn complete_message(tx: &mut Tx, claim: &Claim) -> Result<bool> {
    let deleted = tx
        .execute(
            "DELETE FROM automation_action WHERE workspace_id = ?1 AND id = ?2 AND attempts = ?3",
            params![claim.workspace, claim.id, claim.attempt],
        )
        .await?;
    Ok(deleted == 1)
}
