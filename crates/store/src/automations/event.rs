use sluice_wire::automations::Automation;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::json::RawJson;
use sluice_wire::time::Timestamp;

use crate::{Result, StoreError, Tx, outbox};

/// Tells that the automation was `created`, `updated` or `deleted`.
pub(super) async fn push_event(
    tx: &mut Tx,
    workspace: WorkspaceId,
    action: &str,
    automation: &Automation,
    now: Timestamp,
) -> Result<()> {
    let payload = RawJson::from_value(automation).map_err(|error| StoreError::Internal(error.to_string()))?;
    let event =
        outbox::lifecycle_event(now, "automation", action, automation.id, &automation.core.name, payload);
    outbox::push(tx, workspace, &event).await
}
