use serde::Serialize;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::json::RawJson;
use sluice_wire::time::Timestamp;
use sluice_wire::variables::Variable;

use crate::{Result, StoreError, Tx, outbox};

#[derive(Serialize)]
struct Payload<'v> {
    name: &'v str,
    value: &'v RawJson,
    tags: &'v [String],
}

/// Tells that the variable was `created`, `updated` or `deleted`.
pub(super) async fn push_event(
    tx: &mut Tx,
    workspace: WorkspaceId,
    action: &str,
    variable: &Variable,
    now: Timestamp,
) -> Result<()> {
    let payload = Payload { name: &variable.name, value: &variable.value, tags: &variable.tags };
    let payload = RawJson::from_value(&payload).map_err(|error| StoreError::Internal(error.to_string()))?;
    let event = outbox::lifecycle_event(now, "variable", action, variable.id, &variable.name, payload);
    outbox::push(tx, workspace, &event).await
}
