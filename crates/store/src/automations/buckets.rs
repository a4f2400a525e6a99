//! The windows of event triggers.

use sluice_wire::automations::Bucket;
use sluice_wire::ids::{AutomationId, WorkspaceId};
use sluice_wire::time::Timestamp;
use uuid::Uuid;

use super::text;
use crate::{Json, Result, Row, Tx, params};

/// Which window.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BucketKey {
    /// Whose.
    pub workspace: WorkspaceId,
    /// Which automation.
    pub automation: AutomationId,
    /// Which of its triggers.
    pub trigger: Uuid,
    /// The values of the labels in `for_each`.
    pub values: Vec<String>,
}

fn from_row(row: Row) -> Result<(Vec<String>, Bucket)> {
    let mut columns = row.columns();
    let Json(values) = columns.take()?;
    let (start, end, count) = (columns.take()?, columns.take()?, columns.take()?);
    let last_event = columns.take::<Option<Json<_>>>()?.map(|Json(event)| event);
    Ok((values, Bucket { start, end, count, last_event }))
}

/// The window, if there is one.
pub async fn read(tx: &mut Tx, key: &BucketKey) -> Result<Option<Bucket>> {
    tx.query_first(
        "SELECT bucketing_key, bucket_start, bucket_end, event_count, last_event FROM automation_bucket
         WHERE workspace_id = ?1 AND automation_id = ?2 AND trigger_id = ?3 AND bucketing_key = ?4",
        params![key.workspace, key.automation, key.trigger, text(&key.values)?],
    )
    .await?
    .map(|row| from_row(row).map(|(_, bucket)| bucket))
    .transpose()
}

/// Writes the window, or deletes it. The automation must exist.
pub async fn write(tx: &mut Tx, key: &BucketKey, bucket: Option<&Bucket>) -> Result<()> {
    let values = text(&key.values)?;
    let Some(bucket) = bucket else {
        tx.execute(
            "DELETE FROM automation_bucket
             WHERE workspace_id = ?1 AND automation_id = ?2 AND trigger_id = ?3 AND bucketing_key = ?4",
            params![key.workspace, key.automation, key.trigger, values],
        )
        .await?;
        return Ok(());
    };
    let last_event = bucket.last_event.as_ref().map(text).transpose()?;
    tx.execute(
        "INSERT INTO automation_bucket (workspace_id, automation_id, trigger_id, bucketing_key, bucket_start,
             bucket_end, event_count, last_event)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (automation_id, trigger_id, bucketing_key)
         DO UPDATE SET bucket_start = ?5, bucket_end = ?6, event_count = ?7, last_event = ?8",
        params![
            key.workspace,
            key.automation,
            key.trigger,
            values,
            bucket.start,
            bucket.end,
            bucket.count,
            last_event,
        ],
    )
    .await?;
    Ok(())
}

/// Deletes the windows of a trigger that have this many events: a proactive trigger has seen what it waited for.
pub async fn delete_satisfied(
    tx: &mut Tx,
    workspace: WorkspaceId,
    automation: AutomationId,
    trigger: Uuid,
    threshold: i64,
) -> Result<()> {
    tx.execute(
        "DELETE FROM automation_bucket
         WHERE workspace_id = ?1 AND automation_id = ?2 AND trigger_id = ?3 AND event_count >= ?4",
        params![workspace, automation, trigger, threshold],
    )
    .await?;
    Ok(())
}

/// The windows of a trigger that are over at `as_of`, at most `limit`, those that ended first at first.
pub async fn over(
    tx: &mut Tx,
    workspace: WorkspaceId,
    automation: AutomationId,
    trigger: Uuid,
    as_of: Timestamp,
    limit: i64,
) -> Result<Vec<(Vec<String>, Bucket)>> {
    let rows = tx
        .query(
            "SELECT bucketing_key, bucket_start, bucket_end, event_count, last_event FROM automation_bucket
             WHERE workspace_id = ?1 AND automation_id = ?2 AND trigger_id = ?3 AND bucket_end <= ?4
             ORDER BY bucket_end, bucketing_key LIMIT ?5",
            params![workspace, automation, trigger, as_of, limit],
        )
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// When the next window of a trigger is over.
pub async fn next_end(
    tx: &mut Tx,
    workspace: WorkspaceId,
    automation: AutomationId,
    trigger: Uuid,
) -> Result<Option<Timestamp>> {
    let end: Option<Option<Timestamp>> = tx
        .scalar(
            "SELECT min(bucket_end) FROM automation_bucket
             WHERE workspace_id = ?1 AND automation_id = ?2 AND trigger_id = ?3",
            params![workspace, automation, trigger],
        )
        .await?;
    Ok(end.flatten())
}

/// Deletes at most `limit` windows of all workspaces that were over before `before`: nobody will count in them.
pub async fn sweep(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    tx.execute(
        "DELETE FROM automation_bucket WHERE (automation_id, trigger_id, bucketing_key) IN (
            SELECT automation_id, trigger_id, bucketing_key FROM automation_bucket
            WHERE bucket_end <= ?1 ORDER BY bucket_end LIMIT ?2)",
        params![before, limit],
    )
    .await
}
