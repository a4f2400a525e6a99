use std::collections::HashMap;

use serde_json::{Value, json};
use sluice_blocks::hide;
use sluice_secrets::{KeyRing, Sealed};
use sluice_wire::blocks::{BlockDocument, BlockType, Object};
use sluice_wire::ids::{BlockDocumentId, BlockSchemaId, BlockTypeId, WorkspaceId};
use sluice_wire::time::Timestamp;

use super::sealing;
use crate::block_schemas;
use crate::{Result, Row, Sql, StoreError, Tx, block_types, filters};

/// How deep documents may hold each other.
const MOST_DEPTH: usize = 50;

/// How many documents one document may be put together from, counted as often as they appear.
const MOST_NESTED: usize = 5_000;

/// Documents with everything that they refer to.
pub(super) struct Loaded {
    documents: HashMap<BlockDocumentId, Stored>,
    children: HashMap<BlockDocumentId, Vec<(String, BlockDocumentId)>>,
    schemas: block_schemas::Loaded,
}

struct Stored {
    id: BlockDocumentId,
    created: Timestamp,
    updated: Timestamp,
    name: String,
    sealed: Sealed,
    is_anonymous: bool,
    block_type_name: Option<String>,
    block_type_id: BlockTypeId,
    block_schema_id: BlockSchemaId,
    block_type: BlockType,
}

/// How a document is put together.
pub(super) struct Opening<'k> {
    pub(super) keys: &'k KeyRing,
    pub(super) workspace: WorkspaceId,
    pub(super) include_secrets: bool,
}

impl Loaded {
    /// Loads these documents. Those that do not exist are left out.
    pub(super) async fn load(tx: &mut Tx, workspace: WorkspaceId, ids: &[BlockDocumentId]) -> Result<Self> {
        if ids.is_empty() {
            return Ok(Self {
                documents: HashMap::new(),
                children: HashMap::new(),
                schemas: block_schemas::Loaded::default(),
            });
        }
        let mut sql = Sql::new(tx.dialect(), "");
        push_reached(&mut sql, workspace, ids);
        sql.push(
            " SELECT block_document.id, block_document.created, block_document.updated, block_document.name, \
             block_document.key_id, block_document.data, block_document.is_anonymous, \
             block_document.block_type_name, block_document.block_type_id, block_document.block_schema_id, ",
        );
        sql.push(block_types::COLUMNS);
        sql.push(
            " FROM reached JOIN block_document ON block_document.id = reached.id \
             JOIN block_type ON block_type.id = block_document.block_type_id",
        );
        let rows = tx.query_sql(sql).await?;
        let documents = rows
            .into_iter()
            .map(|row| from_row(row).map(|stored| (stored.id, stored)))
            .collect::<Result<HashMap<_, _>>>()?;
        let mut children: HashMap<_, Vec<_>> = HashMap::new();
        // A document that stands alone is the usual case.
        let mut sql = Sql::new(tx.dialect(), "");
        push_reached(&mut sql, workspace, ids);
        sql.push(
            " SELECT reference.parent_block_document_id, reference.reference_block_document_id, reference.name \
             FROM reached JOIN block_document_reference AS reference \
             ON reference.parent_block_document_id = reached.id ORDER BY reference.id",
        );
        for row in tx.query_sql(sql).await? {
            let mut columns = row.columns();
            let (parent, child): (BlockDocumentId, BlockDocumentId) = (columns.take()?, columns.take()?);
            children.entry(parent).or_default().push((columns.take()?, child));
        }
        let mut schema_ids: Vec<_> = documents.values().map(|stored| stored.block_schema_id).collect();
        schema_ids.sort_unstable();
        schema_ids.dedup();
        let schemas = block_schemas::Loaded::load(tx, workspace, &schema_ids).await?;
        Ok(Self { documents, children, schemas })
    }

    /// The document as clients read it, if it was loaded.
    pub(super) fn full(&self, id: BlockDocumentId, opening: &Opening<'_>) -> Result<Option<BlockDocument>> {
        let Some(stored) = self.documents.get(&id) else { return Ok(None) };
        let mut nested_left = MOST_NESTED;
        let (data, references) = self.put_together(stored, opening, 0, &mut nested_left)?;
        Ok(Some(BlockDocument {
            id,
            created: stored.created,
            updated: stored.updated,
            name: Some(stored.name.clone()),
            data,
            block_schema_id: stored.block_schema_id,
            block_schema: self.schemas.full(stored.block_schema_id),
            block_type_id: stored.block_type_id,
            block_type_name: stored.block_type_name.clone(),
            block_type: Some(stored.block_type.clone()),
            block_document_references: references,
            is_anonymous: stored.is_anonymous,
        }))
    }

    /// As [`Loaded::full`], without the data: for telling that a document is gone, which needs no key.
    pub(super) fn without_data(&self, id: BlockDocumentId) -> Option<BlockDocument> {
        let stored = self.documents.get(&id)?;
        Some(BlockDocument {
            id,
            created: stored.created,
            updated: stored.updated,
            name: Some(stored.name.clone()),
            data: Object::new(),
            block_schema_id: stored.block_schema_id,
            block_schema: self.schemas.full(stored.block_schema_id),
            block_type_id: stored.block_type_id,
            block_type_name: stored.block_type_name.clone(),
            block_type: Some(stored.block_type.clone()),
            block_document_references: Object::new(),
            is_anonymous: stored.is_anonymous,
        })
    }

    /// The data as they are stored, and the secret fields in them.
    pub(super) fn stored_data(
        &self,
        id: BlockDocumentId,
        opening: &Opening<'_>,
    ) -> Result<Option<(Object, Vec<String>)>> {
        let Some(stored) = self.documents.get(&id) else { return Ok(None) };
        let data = sealing::open(opening.keys, opening.workspace, id, &stored.sealed)?;
        Ok(Some((data, self.schemas.secret_paths(stored.block_schema_id))))
    }

    /// Whether the document, with what it holds, can be put together.
    pub(super) fn is_bounded(&self, id: BlockDocumentId) -> bool {
        let mut nested_left = MOST_NESTED;
        self.counts_down(id, 0, &mut nested_left)
    }

    fn counts_down(&self, id: BlockDocumentId, depth: usize, nested_left: &mut usize) -> bool {
        if depth > MOST_DEPTH {
            return false;
        }
        self.children.get(&id).into_iter().flatten().all(|(_, child)| {
            let Some(left) = nested_left.checked_sub(1) else { return false };
            *nested_left = left;
            self.counts_down(*child, depth + 1, nested_left)
        })
    }

    /// The data with the other documents filled in, and what was filled in. What is too deep or too much stays out:
    /// writing refuses it, but documents change independently of each other.
    fn put_together(
        &self,
        stored: &Stored,
        opening: &Opening<'_>,
        depth: usize,
        nested_left: &mut usize,
    ) -> Result<(Object, Object)> {
        let mut data = sealing::open(opening.keys, opening.workspace, stored.id, &stored.sealed)?;
        if !opening.include_secrets {
            hide(&mut data, &self.schemas.secret_paths(stored.block_schema_id));
        }
        let mut references = Object::new();
        for (name, child) in self.children.get(&stored.id).into_iter().flatten() {
            let Some(child) = self.documents.get(child) else { continue };
            if depth >= MOST_DEPTH || *nested_left == 0 {
                tracing::warn!(document = %stored.id, "a block holds too many others; some are left out");
                break;
            }
            *nested_left -= 1;
            let (child_data, child_references) = self.put_together(child, opening, depth + 1, nested_left)?;
            let block_type = serde_json::to_value(&child.block_type)
                .map_err(|error| StoreError::Internal(error.to_string()))?;
            data.insert(name.clone(), Value::Object(child_data));
            references.insert(
                name.clone(),
                json!({ "block_document": {
                    "id": child.id,
                    "name": child.name,
                    "block_type": block_type,
                    "is_anonymous": child.is_anonymous,
                    "block_document_references": child_references,
                }}),
            );
        }
        Ok((data, references))
    }
}

/// The documents `ids` and all that they refer to, as the table `reached`.
fn push_reached(sql: &mut Sql, workspace: WorkspaceId, ids: &[BlockDocumentId]) {
    sql.push("WITH RECURSIVE reached (id) AS (SELECT block_document.id FROM block_document");
    sql.push(" WHERE block_document.workspace_id = ").bind(workspace).push(" AND ");
    filters::push_in(sql, "block_document.id", ids);
    sql.push(
        " UNION SELECT reference.reference_block_document_id FROM reached \
         JOIN block_document_reference AS reference ON reference.parent_block_document_id = reached.id)",
    );
}

fn from_row(row: Row) -> Result<Stored> {
    let mut columns = row.columns();
    Ok(Stored {
        id: columns.take()?,
        created: columns.take()?,
        updated: columns.take()?,
        name: columns.take()?,
        sealed: sealing::sealed(columns.take()?, columns.take()?),
        is_anonymous: columns.take()?,
        block_type_name: columns.take()?,
        block_type_id: columns.take()?,
        block_schema_id: columns.take()?,
        block_type: block_types::from_columns(&mut columns)?,
    })
}
