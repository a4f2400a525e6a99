use sluice_wire::ids::{BlockDocumentId, WorkspaceId};
use sluice_wire::json::RawJson;
use sluice_wire::time::Timestamp;

use super::{DefaultResultStorage, KEY};
use crate::{Result, StoreError, Tx, configuration};

/// Sets the block. Whether it can store results is checked before.
pub async fn set(
    tx: &mut Tx,
    workspace: WorkspaceId,
    document: BlockDocumentId,
    now: Timestamp,
) -> Result<DefaultResultStorage> {
    let storage = DefaultResultStorage { default_result_storage_block_id: Some(document) };
    let value = RawJson::from_value(&storage).map_err(|error| StoreError::Internal(error.to_string()))?;
    configuration::write(tx, workspace, KEY, &value, now).await?;
    Ok(storage)
}
