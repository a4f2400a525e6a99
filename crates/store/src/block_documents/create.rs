use sluice_blocks::separate_references;
use sluice_secrets::KeyRing;
use sluice_wire::blocks::{BlockDocument, BlockDocumentCreate};
use sluice_wire::ids::{BlockDocumentId, WorkspaceId};
use sluice_wire::time::Timestamp;
use uuid::Uuid;

use super::event::push_event;
use super::loaded::{Loaded, Opening};
use super::{Refusal, references, sealing};
use crate::{StoreError, Tx, block_types, params};

/// Stores the document; returns it with its secrets hidden.
pub async fn create(
    tx: &mut Tx,
    workspace: WorkspaceId,
    keys: &KeyRing,
    document: &BlockDocumentCreate,
    now: Timestamp,
) -> Result<BlockDocument, Refusal> {
    let (type_id, schema_id) = (document.block_type_id, document.block_schema_id);
    let id = BlockDocumentId::sequential();
    let block_type = block_types::read(tx, workspace, type_id).await?.ok_or(Refusal::MissingType(type_id))?;
    let schemas: Option<i64> = tx
        .scalar(
            "SELECT count(*) FROM block_schema WHERE workspace_id = ?1 AND id = ?2",
            params![workspace, schema_id],
        )
        .await?;
    if schemas == Some(0) {
        return Err(Refusal::MissingSchema(schema_id));
    }
    let name = match &document.name {
        Some(name) => name.as_str().to_owned(),
        None => format!("anonymous-{}", Uuid::new_v4()),
    };
    let separated = separate_references(document.data.clone())?;
    let sealed = sealing::seal(keys, workspace, id, &separated.data)?;
    let inserted = tx
        .execute(
            "INSERT INTO block_document (id, workspace_id, created, updated, name, key_id, data, is_anonymous,
                 block_type_name, block_type_id, block_schema_id)
             VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (block_type_id, name) DO NOTHING",
            params![
                id,
                workspace,
                now,
                name,
                sealed.key_id.as_str(),
                sealed.bytes,
                document.is_anonymous,
                block_type.name.as_str(),
                type_id,
                schema_id,
            ],
        )
        .await?;
    if inserted == 0 {
        return Err(Refusal::NameTaken);
    }
    for (key, reference) in separated.references {
        references::add(tx, workspace, id, &key, BlockDocumentId(reference), now).await?;
    }
    let loaded = Loaded::load(tx, workspace, &[id]).await?;
    if !loaded.is_bounded(id) {
        return Err(Refusal::TooMany);
    }
    let created = loaded.full(id, &Opening { keys, workspace, include_secrets: false })?;
    let created =
        created.ok_or_else(|| StoreError::Internal("a block vanished while it was stored".to_owned()))?;
    push_event(tx, workspace, "created", &created, now).await?;
    Ok(created)
}
