//! Events about concurrency limits.

use serde_json::json;
use sluice_wire::events::{Event, Labels, RESOURCE_ID, RESOURCE_NAME};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::json::RawJson;
use sluice_wire::time::Timestamp;

use super::LimitRow;
use crate::{Result, StoreError, Tx, outbox};

/// `prefect.concurrency-limit.created`, `.updated` or `.deleted`.
pub(super) async fn life(
    tx: &mut Tx,
    workspace: WorkspaceId,
    row: &LimitRow,
    what: &str,
    now: Timestamp,
) -> Result<()> {
    let limit = &row.limit;
    let resource = Labels::from([
        (RESOURCE_ID.to_owned(), format!("prefect.concurrency-limit.{}", limit.id)),
        (RESOURCE_NAME.to_owned(), limit.name.clone()),
    ]);
    let mut event = Event::new(now, format!("prefect.concurrency-limit.{what}"), resource);
    let payload = json!({
        "name": &limit.name,
        "limit": limit.limit,
        "active": limit.active,
        "slot_decay_per_second": limit.slot_decay_per_second,
    });
    event.payload = RawJson::from_value(&payload).map_err(|error| StoreError::Internal(error.to_string()))?;
    outbox::push(tx, workspace, &event).await
}
