use sluice_blocks::{Separated, keep_hidden, separate_references};
use sluice_secrets::KeyRing;
use sluice_wire::blocks::{BlockDocumentUpdate, Object};
use sluice_wire::ids::{BlockDocumentId, BlockSchemaId, BlockTypeId, WorkspaceId};
use sluice_wire::time::Timestamp;
use uuid::Uuid;

use super::event::push_event;
use super::loaded::{Loaded, Opening};
use super::{Refusal, references, sealing};
use crate::{Result, Tx, params};

/// Changes the document; false when it does not exist. Without data nothing changes but its event, as in the
/// reference. A secret for which only what stands for it was sent keeps its value.
pub async fn update(
    tx: &mut Tx,
    workspace: WorkspaceId,
    keys: &KeyRing,
    id: BlockDocumentId,
    update: &BlockDocumentUpdate,
    now: Timestamp,
) -> Result<bool, Refusal> {
    let locked = tx
        .query_for_update(
            "SELECT block_type_id, block_schema_id FROM block_document WHERE workspace_id = ?1 AND id = ?2",
            params![workspace, id],
        )
        .await?;
    let Some(row) = locked.into_iter().next() else { return Ok(false) };
    let mut columns = row.columns();
    let (block_type, schema): (BlockTypeId, BlockSchemaId) = (columns.take()?, columns.take()?);

    // What is not merged replaces everything, even when nothing was sent.
    let sent = match &update.data {
        None if !update.merge_existing_data => Some(Object::new()),
        sent => sent.clone(),
    };
    if let Some(sent) = sent {
        let separated = new_data(tx, workspace, keys, id, sent, update.merge_existing_data).await?;
        let sealed = sealing::seal(keys, workspace, id, &separated.data)?;
        let schema = match update.block_schema_id {
            Some(proposed) if proposed != schema => {
                migrate_schema(tx, workspace, proposed, block_type).await?
            }
            _ => schema,
        };
        tx.execute(
            "UPDATE block_document SET updated = ?3, key_id = ?4, data = ?5, block_schema_id = ?6
             WHERE workspace_id = ?1 AND id = ?2",
            params![workspace, id, now, sealed.key_id.as_str(), sealed.bytes, schema],
        )
        .await?;
        replace_references(tx, workspace, id, &separated, now).await?;
    }
    let loaded = Loaded::load(tx, workspace, &[id]).await?;
    if !loaded.is_bounded(id) {
        return Err(Refusal::TooMany);
    }
    if let Some(updated) = loaded.full(id, &Opening { keys, workspace, include_secrets: false })? {
        push_event(tx, workspace, "updated", &updated, now).await?;
    }
    Ok(true)
}

async fn new_data(
    tx: &mut Tx,
    workspace: WorkspaceId,
    keys: &KeyRing,
    id: BlockDocumentId,
    mut sent: Object,
    is_merged: bool,
) -> Result<Separated, Refusal> {
    let loaded = Loaded::load(tx, workspace, &[id]).await?;
    let opening = Opening { keys, workspace, include_secrets: true };
    let (mut current, secret_paths) = loaded.stored_data(id, &opening)?.unwrap_or_default();
    keep_hidden(&mut sent, &current, &secret_paths);
    if is_merged {
        current.extend(sent);
        sent = current;
    }
    Ok(separate_references(sent)?)
}

async fn migrate_schema(
    tx: &mut Tx,
    workspace: WorkspaceId,
    proposed: BlockSchemaId,
    block_type: BlockTypeId,
) -> Result<BlockSchemaId, Refusal> {
    let found: Option<BlockTypeId> = tx
        .scalar(
            "SELECT block_type_id FROM block_schema WHERE workspace_id = ?1 AND id = ?2",
            params![workspace, proposed],
        )
        .await?;
    match found {
        None => Err(Refusal::MissingSchema(proposed)),
        Some(other) if other != block_type => Err(Refusal::OtherType),
        Some(_) => Ok(proposed),
    }
}

/// Makes the references of the document those that the data hold.
async fn replace_references(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: BlockDocumentId,
    separated: &Separated,
    now: Timestamp,
) -> Result<(), Refusal> {
    let rows = tx
        .query(
            "SELECT id, name, reference_block_document_id FROM block_document_reference
             WHERE workspace_id = ?1 AND parent_block_document_id = ?2",
            params![workspace, id],
        )
        .await?;
    let mut current = Vec::new();
    for row in rows {
        let mut columns = row.columns();
        let (reference, name, document): (Uuid, String, Uuid) =
            (columns.take()?, columns.take()?, columns.take()?);
        current.push((reference, (name, document)));
    }
    let gone = current.iter().filter(|(_, reference)| !separated.references.contains(reference));
    let gone = gone.map(|(reference, _)| params![workspace, *reference]).collect();
    tx.execute_many("DELETE FROM block_document_reference WHERE workspace_id = ?1 AND id = ?2", gone).await?;
    for (name, document) in &separated.references {
        let is_there = current.iter().any(|(_, (known, other))| known == name && other == document);
        if !is_there {
            references::add(tx, workspace, id, name, BlockDocumentId(*document), now).await?;
        }
    }
    Ok(())
}
