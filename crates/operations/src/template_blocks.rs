//! The blocks that a job template refers to in its defaults.

use std::collections::HashMap;

use serde_json::Value;
use sluice_parameters::block_references;
use sluice_secrets::KeyRing;
use sluice_store::{StoreError, Tx, block_documents};
use sluice_wire::deployments::JsonObject;
use sluice_wire::ids::WorkspaceId;

/// The data of these blocks by id, with their secrets hidden. A block that does not exist is left out.
pub async fn read(
    tx: &mut Tx,
    workspace: WorkspaceId,
    keys: &KeyRing,
    base_job_template: &JsonObject,
) -> Result<HashMap<String, Value>, StoreError> {
    let mut blocks = HashMap::new();
    for reference in block_references(base_job_template) {
        let Ok(id) = reference.parse() else { continue };
        if let Some(document) = block_documents::read(tx, workspace, keys, id, false).await? {
            blocks.insert(reference, Value::Object(document.data));
        }
    }
    Ok(blocks)
}
