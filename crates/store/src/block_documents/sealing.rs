//! How the data of a document are encrypted: as one text, bound to the workspace and the document.

use rand::RngCore;
use sluice_secrets::{KeyId, KeyRing, NONCE_BYTES, Sealed};
use sluice_wire::blocks::Object;
use sluice_wire::ids::{BlockDocumentId, WorkspaceId};

use crate::{Result, StoreError};

fn context(workspace: WorkspaceId, id: BlockDocumentId) -> String {
    format!("block-document/{workspace}/{id}")
}

/// A nonce that was never used.
pub(super) fn nonce() -> [u8; NONCE_BYTES] {
    let mut nonce = [0; NONCE_BYTES];
    rand::rng().fill_bytes(&mut nonce);
    nonce
}

pub(super) fn seal(
    keys: &KeyRing,
    workspace: WorkspaceId,
    id: BlockDocumentId,
    data: &Object,
) -> Result<Sealed> {
    let text = serde_json::to_vec(data).map_err(|error| StoreError::Internal(error.to_string()))?;
    seal_text(keys, workspace, id, &text)
}

pub(super) fn seal_text(
    keys: &KeyRing,
    workspace: WorkspaceId,
    id: BlockDocumentId,
    text: &[u8],
) -> Result<Sealed> {
    Ok(keys.seal(nonce(), context(workspace, id).as_bytes(), text)?)
}

pub(super) fn open(
    keys: &KeyRing,
    workspace: WorkspaceId,
    id: BlockDocumentId,
    sealed: &Sealed,
) -> Result<Object> {
    let text = open_text(keys, workspace, id, sealed)?;
    serde_json::from_slice(&text).map_err(|error| StoreError::Corrupt(error.to_string()))
}

pub(super) fn open_text(
    keys: &KeyRing,
    workspace: WorkspaceId,
    id: BlockDocumentId,
    sealed: &Sealed,
) -> Result<Vec<u8>> {
    Ok(keys.open(context(workspace, id).as_bytes(), sealed)?)
}

/// The two columns that hold sealed data.
pub(super) fn sealed(key_id: String, bytes: Vec<u8>) -> Sealed {
    Sealed { key_id: KeyId::from_stored(key_id), bytes }
}
