//! A limit named `tag:<tag>` in the older form.

use sluice_store::concurrency_limits::{Key, LimitRow};
use sluice_store::{Tx, concurrency_leases};
use sluice_wire::concurrency_limits::ConcurrencyLimit;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::{TimeDelta, Timestamp};

use crate::ApiError;

pub(super) const TAG_PREFIX: &str = "tag:";

/// Clients of the older form cannot renew a lease: theirs last for a hundred years.
pub(super) const LEASE: TimeDelta = TimeDelta::from_secs(100 * 365 * 86_400);

pub(super) fn key_of(tag: &str) -> Key {
    Key::Name(format!("{TAG_PREFIX}{tag}"))
}

pub(super) fn not_found() -> ApiError {
    ApiError::not_found("Concurrency limit not found")
}

/// The limit with the task runs that hold its slots; `None` for a limit that is not on a tag.
pub(super) async fn view(
    tx: &mut Tx,
    workspace: WorkspaceId,
    row: &LimitRow,
    now: Timestamp,
) -> Result<Option<ConcurrencyLimit>, ApiError> {
    let Some(tag) = row.limit.name.strip_prefix(TAG_PREFIX) else { return Ok(None) };
    let holders = concurrency_leases::holders(tx, workspace, row.limit.id, now).await?;
    Ok(Some(ConcurrencyLimit {
        id: row.limit.id,
        created: row.created,
        updated: row.limit.counters.updated,
        tag: tag.to_owned(),
        concurrency_limit: row.limit.limit,
        active_slots: holders.into_iter().map(|(_, task_run)| task_run).collect(),
    }))
}
