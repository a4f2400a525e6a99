use serde_json::{Value, json};
use sluice_blocks::secret_paths;
use sluice_wire::blocks::{BlockDocument, Object};
use sluice_wire::events::{Labels, RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::json::RawJson;
use sluice_wire::time::Timestamp;

use crate::{Result, StoreError, Tx, outbox};

/// Tells that the document was `created`, `updated` or `deleted`, with its data as far as they are plain text and
/// no secret. Nothing is told of anonymous documents.
pub(super) async fn push_event(
    tx: &mut Tx,
    workspace: WorkspaceId,
    action: &str,
    document: &BlockDocument,
    now: Timestamp,
) -> Result<()> {
    if document.is_anonymous {
        return Ok(());
    }
    let schema = document.block_schema.as_ref();
    let secrets = schema.map(|schema| secret_paths(&schema.fields)).unwrap_or_default();
    let data: Object = document
        .data
        .iter()
        .filter(|(key, value)| value.is_string() && !secrets.contains(key))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let type_name = document.block_type_name.as_deref();
    let block_schema = schema.map_or(Value::Null, |schema| {
        json!({
            "capabilities": schema.capabilities,
            "block_type": { "id": document.block_type_id, "name": type_name.unwrap_or_default() },
        })
    });
    let payload = json!({ "name": document.name, "data": data, "block_schema": block_schema });
    let payload = RawJson::from_value(&payload).map_err(|error| StoreError::Internal(error.to_string()))?;
    let name = document.name.as_deref().unwrap_or_default();
    let mut event = outbox::lifecycle_event(now, "block-document", action, document.id, name, payload);
    let mut of_type = related("block-type", document.block_type_id.to_string());
    if let Some(type_name) = type_name.filter(|type_name| !type_name.is_empty()) {
        of_type.insert(RESOURCE_NAME.to_owned(), type_name.to_owned());
    }
    event.related = vec![of_type, related("block-schema", document.block_schema_id.to_string())];
    outbox::push(tx, workspace, &event).await
}

fn related(role: &str, id: String) -> Labels {
    Labels::from([
        (RESOURCE_ID.to_owned(), format!("prefect.{role}.{id}")),
        (RESOURCE_ROLE.to_owned(), role.to_owned()),
    ])
}
