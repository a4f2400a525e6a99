use sluice_wire::ids::{WorkPoolId, WorkspaceId};
use sluice_wire::time::Timestamp;
use sluice_wire::worker_channel::{CleanupOperation, CleanupReference, CleanupStatus};
use uuid::Uuid;

use super::{LEASE, MAXIMUM_DELIVERIES};
use crate::{Result, Topic, Tx, params};

/// What became of a worker's word about a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settlement {
    /// Whether it was accepted, or why not.
    pub status: CleanupStatus,
    /// Why it was not accepted.
    pub reason: Option<&'static str>,
    /// Until when the worker has the message, after a renewal.
    pub lease_expires: Option<Timestamp>,
}

impl Settlement {
    const ACCEPTED: Self = Self { status: CleanupStatus::Accepted, reason: None, lease_expires: None };
    const DEAD: Self = Self::refused(CleanupStatus::DeadLettered, "max_delivery_attempts_reached");

    const fn refused(status: CleanupStatus, reason: &'static str) -> Self {
        Self { status, reason: Some(reason), lease_expires: None }
    }
}

/// Does what the worker says, provided that the message is reserved for it. An acknowledged message is gone; a
/// released one waits again, unless it was delivered too often.
pub async fn settle(
    tx: &mut Tx,
    workspace: WorkspaceId,
    pool: WorkPoolId,
    operation: CleanupOperation,
    message: &CleanupReference,
    now: Timestamp,
) -> Result<Settlement> {
    let rows = tx
        .query_for_update(
            "SELECT work_pool_id, reservation_token, lease_expires, delivery_count FROM cleanup_message
             WHERE workspace_id = ?1 AND id = ?2 AND is_dead = ?3",
            params![workspace, message.message_id, false],
        )
        .await?;
    let Some(row) = rows.into_iter().next() else {
        return Ok(Settlement::refused(CleanupStatus::NotFound, "message_not_found"));
    };
    let mut columns = row.columns();
    if columns.take::<WorkPoolId>()? != pool {
        return Ok(Settlement::refused(CleanupStatus::Unauthorized, "work_pool_mismatch"));
    }
    let (token, lease_expires) = (columns.take::<Option<Uuid>>()?, columns.take::<Option<Timestamp>>()?);
    let is_last_delivery = columns.take::<i64>()? >= MAXIMUM_DELIVERIES;
    let (Some(token), Some(lease_expires)) = (token, lease_expires) else {
        return Ok(Settlement::refused(CleanupStatus::NotCurrent, "no_active_reservation"));
    };
    if message.reservation_token != token.to_string() {
        return Ok(Settlement::refused(CleanupStatus::InvalidToken, "reservation_token_mismatch"));
    }
    let is_expired = lease_expires <= now;
    if is_last_delivery && (is_expired || operation == CleanupOperation::Release) {
        bury(tx, message.message_id).await?;
        return Ok(Settlement::DEAD);
    }
    if is_expired {
        free(tx, message.message_id).await?;
        return Ok(Settlement::refused(CleanupStatus::Expired, "lease_expired"));
    }
    match operation {
        CleanupOperation::Ack => {
            tx.execute("DELETE FROM cleanup_message WHERE id = ?1", params![message.message_id]).await?;
            Ok(Settlement::ACCEPTED)
        }
        CleanupOperation::Release => {
            free(tx, message.message_id).await?;
            Ok(Settlement::ACCEPTED)
        }
        CleanupOperation::Renew => {
            let lease_expires = now + LEASE;
            tx.execute(
                "UPDATE cleanup_message SET lease_expires = ?2 WHERE id = ?1",
                params![message.message_id, lease_expires],
            )
            .await?;
            Ok(Settlement { lease_expires: Some(lease_expires), ..Settlement::ACCEPTED })
        }
    }
}

/// Lets the message wait for the next worker.
pub(super) async fn free(tx: &mut Tx, message: Uuid) -> Result<()> {
    tx.execute(
        "UPDATE cleanup_message SET reservation_token = NULL, reserved_by = NULL, lease_expires = NULL
         WHERE id = ?1",
        params![message],
    )
    .await?;
    tx.notify(Topic::Cleanup);
    Ok(())
}

/// Keeps the message for people to look at; no worker gets it any more.
pub(super) async fn bury(tx: &mut Tx, message: Uuid) -> Result<()> {
    tx.execute(
        "UPDATE cleanup_message SET is_dead = ?2, reservation_token = NULL, reserved_by = NULL,
             lease_expires = NULL WHERE id = ?1",
        params![message, true],
    )
    .await?;
    tracing::warn!(%message, "a cleanup message was delivered too often; nobody is asked any more");
    Ok(())
}
