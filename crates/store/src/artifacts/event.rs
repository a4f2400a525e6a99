use serde::Serialize;
use sluice_wire::artifacts::ArtifactCollection;
use sluice_wire::events::{Labels, RESOURCE_ID, RESOURCE_ROLE};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::json::RawJson;
use sluice_wire::time::Timestamp;

use crate::{Result, StoreError, Tx, outbox};

#[derive(Serialize)]
struct Payload<'c> {
    key: &'c str,
    r#type: Option<&'c str>,
    data: Option<&'c RawJson>,
    description: Option<&'c str>,
}

/// Tells that the collection of a key was `created`, `updated` (has a newer artifact) or `deleted`.
pub(super) async fn push_event(
    tx: &mut Tx,
    workspace: WorkspaceId,
    action: &str,
    collection: &ArtifactCollection,
    now: Timestamp,
) -> Result<()> {
    let payload = Payload {
        key: &collection.key,
        r#type: collection.r#type.as_deref(),
        data: collection.data.as_ref(),
        description: collection.description.as_deref(),
    };
    let payload = RawJson::from_value(&payload).map_err(|error| StoreError::Internal(error.to_string()))?;
    let kind = "artifact-collection";
    let mut event = outbox::lifecycle_event(now, kind, action, collection.id, &collection.key, payload);
    event.related.push(related(format!("prefect.artifact.{}", collection.latest_id), "latest"));
    if let Some(id) = collection.flow_run_id {
        event.related.push(related(format!("prefect.flow-run.{id}"), "flow-run"));
    }
    if let Some(id) = collection.task_run_id {
        event.related.push(related(format!("prefect.task-run.{id}"), "task-run"));
    }
    outbox::push(tx, workspace, &event).await
}

fn related(id: String, role: &str) -> Labels {
    Labels::from([(RESOURCE_ID.to_owned(), id), (RESOURCE_ROLE.to_owned(), role.to_owned())])
}
