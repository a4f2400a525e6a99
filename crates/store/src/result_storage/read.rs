use sluice_wire::ids::WorkspaceId;

use super::{DefaultResultStorage, KEY};
use crate::{Result, StoreError, Tx, configuration};

/// The block that is set, if one is.
pub async fn read(tx: &mut Tx, workspace: WorkspaceId) -> Result<DefaultResultStorage> {
    let Some(stored) = configuration::read(tx, workspace, KEY).await? else {
        return Ok(DefaultResultStorage::default());
    };
    stored.parse().map_err(|error| StoreError::Corrupt(error.to_string()))
}
