use sluice_wire::ids::{WorkPoolId, WorkQueueId, WorkspaceId};
use sluice_wire::json::RawJson;
use sluice_wire::time::{TimeDelta, Timestamp};
use sluice_wire::worker_channel::CleanupKind;
use uuid::Uuid;

use super::{LEASE, MAXIMUM_DELIVERIES};
use crate::{Result, Sql, StoreError, Tx, params};

/// So long a message waits for a worker of its queue; then it goes to any worker of the pool.
const OWN_QUEUE_FIRST: TimeDelta = TimeDelta::from_secs(1);

/// The worker for which a message is reserved.
#[derive(Debug, Clone)]
pub struct ReserveFor {
    /// Its pool.
    pub work_pool_id: WorkPoolId,
    /// Its queues.
    pub work_queue_ids: Vec<WorkQueueId>,
    /// The kinds that it handles.
    pub kinds: Vec<CleanupKind>,
    /// Who it is; the same after it connected again.
    pub consumer: String,
    /// Messages that it takes at once.
    pub max_concurrency: i64,
}

/// A message that is reserved for a worker.
#[derive(Debug, Clone, PartialEq)]
pub struct Reservation {
    /// The message.
    pub message_id: Uuid,
    /// Its kind.
    pub kind: CleanupKind,
    /// What to tear down.
    pub target: RawJson,
    /// Its queue.
    pub work_queue_id: Option<WorkQueueId>,
    /// What the worker shows with its answer.
    pub token: Uuid,
    /// When somebody else may get it.
    pub lease_expires: Timestamp,
    /// How often it was delivered, with this time.
    pub delivery_count: i64,
}

/// Reserves the message that waits longest, those of the worker's own queues first. `None` when none waits or the
/// worker has its hands full.
pub async fn reserve(
    tx: &mut Tx,
    workspace: WorkspaceId,
    worker: &ReserveFor,
    now: Timestamp,
) -> Result<Option<Reservation>> {
    let held: Option<i64> = tx
        .scalar(
            "SELECT count(*) FROM cleanup_message
             WHERE work_pool_id = ?1 AND is_dead = ?2 AND reserved_by = ?3 AND lease_expires > ?4",
            params![worker.work_pool_id, false, &worker.consumer, now],
        )
        .await?;
    if held.unwrap_or(0) >= worker.max_concurrency {
        return Ok(None);
    }
    let mut sql = Sql::new(
        tx.dialect(),
        "SELECT id, kind, payload, work_queue_id, delivery_count FROM cleanup_message WHERE workspace_id = ",
    );
    sql.bind(workspace).push(" AND work_pool_id = ").bind(worker.work_pool_id);
    sql.push(" AND is_dead = ").bind(false).push(" AND delivery_count < ").bind(MAXIMUM_DELIVERIES);
    sql.push(" AND (lease_expires IS NULL OR lease_expires <= ").bind(now);
    sql.push(") AND kind IN (").bind_list(worker.kinds.iter().map(|kind| kind.as_str()));
    sql.push(") AND (created <= ").bind(now - OWN_QUEUE_FIRST);
    sql.push(" OR work_queue_id IN (").bind_list(worker.work_queue_ids.iter().copied());
    sql.push(")) ORDER BY CASE WHEN work_queue_id IN (").bind_list(worker.work_queue_ids.iter().copied());
    sql.push(") THEN 0 ELSE 1 END, created, id LIMIT 1").push(tx.dialect().for_update_skip_locked());
    let Some(row) = tx.query_sql(sql).await?.into_iter().next() else { return Ok(None) };
    let mut columns = row.columns();
    let (message_id, kind) = (columns.take::<Uuid>()?, kind(&columns.take::<String>()?)?);
    let (target, work_queue_id) = (columns.take()?, columns.take()?);
    let delivery_count = columns.take::<i64>()? + 1;
    let (token, lease_expires) = (Uuid::new_v4(), now + LEASE);
    tx.execute(
        "UPDATE cleanup_message
         SET delivery_count = ?2, reservation_token = ?3, reserved_by = ?4, lease_expires = ?5 WHERE id = ?1",
        params![message_id, delivery_count, token, &worker.consumer, lease_expires],
    )
    .await?;
    Ok(Some(Reservation { message_id, kind, target, work_queue_id, token, lease_expires, delivery_count }))
}

fn kind(text: &str) -> Result<CleanupKind> {
    [CleanupKind::CancellingTimeoutTeardown, CleanupKind::PendingClaimTeardown]
        .into_iter()
        .find(|kind| kind.as_str() == text)
        .ok_or_else(|| StoreError::Corrupt(format!("{text} is no kind of cleanup message")))
}
