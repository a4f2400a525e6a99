use std::collections::HashSet;

use sluice_blocks::MissingDocumentId;
use sluice_wire::ids::{BlockDocumentId, BlockSchemaId, BlockTypeId, WorkspaceId};
use sluice_wire::time::Timestamp;
use uuid::Uuid;

use super::exists;
use crate::{Result, Row, StoreError, Tx, params};

/// Why a document is not written.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// There is one with this name and type.
    #[error("Block already exists")]
    NameTaken,
    /// The type does not exist.
    #[error("Block type {0} not found.")]
    MissingType(BlockTypeId),
    /// The schema does not exist.
    #[error("Block schema {0} not found")]
    MissingSchema(BlockSchemaId),
    /// The schema belongs to another type.
    #[error("Must migrate block document to a block schema of the same block type.")]
    OtherType,
    /// A reference names no document.
    #[error(transparent)]
    MissingDocumentId(#[from] MissingDocumentId),
    /// A reference names a document that does not exist.
    #[error("Block document {0} not found.")]
    MissingDocument(BlockDocumentId),
    /// The document would hold itself.
    #[error(
        "Cannot create block document reference: it would introduce a cycle into the block_document_reference \
         graph (parent={parent}, reference={reference})."
    )]
    Cycle {
        /// The document that is written.
        parent: BlockDocumentId,
        /// The document that it is to hold.
        reference: BlockDocumentId,
    },
    /// The document would hold too many others, or too deep.
    #[error("a block can hold other blocks 50 deep and 5000 in all; this one would hold more")]
    TooMany,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Adds the reference from one document to another.
pub(super) async fn add(
    tx: &mut Tx,
    workspace: WorkspaceId,
    parent: BlockDocumentId,
    name: &str,
    reference: BlockDocumentId,
    now: Timestamp,
) -> Result<(), Refusal> {
    if !exists(tx, workspace, reference).await? {
        return Err(Refusal::MissingDocument(reference));
    }
    if reaches(tx, workspace, reference, parent).await? {
        return Err(Refusal::Cycle { parent, reference });
    }
    tx.execute(
        "INSERT INTO block_document_reference (id, workspace_id, created, parent_block_document_id,
             reference_block_document_id, name)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (parent_block_document_id, name, reference_block_document_id) DO NOTHING",
        params![Uuid::now_v7(), workspace, now, parent, reference, name],
    )
    .await?;
    Ok(())
}

/// Whether `from` is `to`, or holds it directly or through others.
async fn reaches(
    tx: &mut Tx,
    workspace: WorkspaceId,
    from: BlockDocumentId,
    to: BlockDocumentId,
) -> Result<bool> {
    let mut seen = HashSet::from([from]);
    let mut waiting = vec![from];
    while let Some(document) = waiting.pop() {
        if document == to {
            return Ok(true);
        }
        let rows = tx
            .query(
                "SELECT reference_block_document_id FROM block_document_reference
                 WHERE workspace_id = ?1 AND parent_block_document_id = ?2",
                params![workspace, document],
            )
            .await?;
        for row in rows {
            let child = Row::scalar(row)?;
            if seen.insert(child) {
                waiting.push(child);
            }
        }
    }
    Ok(false)
}
