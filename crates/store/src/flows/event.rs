use serde::Serialize;
use sluice_wire::flows::Flow;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::json::RawJson;
use sluice_wire::time::Timestamp;

use crate::{Result, StoreError, Tx, outbox};

#[derive(Serialize)]
struct Payload<'f> {
    name: &'f str,
    tags: &'f [String],
    labels: &'f RawJson,
}

/// Tells that the flow was `created`, `updated` or `deleted`.
pub(super) async fn push_event(
    tx: &mut Tx,
    workspace: WorkspaceId,
    action: &str,
    flow: &Flow,
    now: Timestamp,
) -> Result<()> {
    let payload = RawJson::from_value(&Payload { name: &flow.name, tags: &flow.tags, labels: &flow.labels })
        .map_err(|error| StoreError::Internal(error.to_string()))?;
    let event = outbox::lifecycle_event(now, "flow", action, flow.id, &flow.name, payload);
    outbox::push(tx, workspace, &event).await
}
