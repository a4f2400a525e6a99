use std::collections::VecDeque;

use sluice_blocks::{NewSchema, SchemaProblem};
use sluice_wire::blocks::{BlockSchema, BlockSchemaCreate, NON_VERSIONED, Object};
use sluice_wire::ids::{BlockSchemaId, BlockTypeId, WorkspaceId};
use sluice_wire::time::Timestamp;

use super::read::{find, read};
use crate::{Json, Result, StoreError, Tx, block_types, params};

/// How many schemas one request can bring, the one that it is about and those nested in it.
const MOST_SCHEMAS: usize = 200;

/// The schema, and whether it is new.
#[derive(Debug)]
pub struct Created {
    /// The schema as clients read it.
    pub schema: BlockSchema,
    /// False when a schema with this checksum and version was there.
    pub is_new: bool,
}

/// Why a schema is not stored.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The schema's own type does not exist.
    #[error("Block type {0} not found.")]
    MissingType(BlockTypeId),
    /// The type of a nested schema does not exist.
    #[error(
        "Cannot create block schema because block type '{0}' was not found.Did you forget to register the \
         block type?"
    )]
    MissingNestedType(String),
    /// The fields do not say what they must.
    #[error(transparent)]
    Problem(#[from] SchemaProblem),
    /// There is no end of nested schemas.
    #[error("a schema can bring at most {MOST_SCHEMAS} schemas with it: register the nested blocks first")]
    TooMany,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A nested schema, and the field of another that holds it.
struct Nested {
    parent: BlockSchemaId,
    name: String,
    block_type: BlockTypeId,
    fields: Object,
    definitions: Option<Object>,
}

/// Stores the schema and those nested in it, unless they are there already.
pub async fn create(
    tx: &mut Tx,
    workspace: WorkspaceId,
    schema: &BlockSchemaCreate,
    now: Timestamp,
) -> Result<Created, Refusal> {
    let type_id = schema.block_type_id;
    let block_type = block_types::read(tx, workspace, type_id).await?.ok_or(Refusal::MissingType(type_id))?;
    let new = NewSchema::read(schema.fields.clone(), None)?;
    let version = schema.version.as_str();
    if let Some(id) = find(tx, workspace, &new.checksum, Some(version)).await? {
        let existing = read(tx, workspace, id).await?;
        let vanished = || StoreError::Internal("a schema vanished while it was read".to_owned());
        return Ok(Created { schema: existing.ok_or_else(vanished)?, is_new: false });
    }
    let id = insert(tx, workspace, &new, type_id, &schema.capabilities, version, now).await?;
    let mut waiting = VecDeque::new();
    link(tx, workspace, id, &new, now, &mut waiting).await?;
    let mut count = 1;
    while let Some(nested) = waiting.pop_front() {
        let child = NewSchema::read(nested.fields, nested.definitions.as_ref())?;
        let child_id = match find(tx, workspace, &child.checksum, Some(NON_VERSIONED)).await? {
            Some(existing) => existing,
            None => {
                count += 1;
                if count > MOST_SCHEMAS {
                    return Err(Refusal::TooMany);
                }
                let inserted =
                    insert(tx, workspace, &child, nested.block_type, &[], NON_VERSIONED, now).await?;
                link(tx, workspace, inserted, &child, now, &mut waiting).await?;
                inserted
            }
        };
        refer(tx, workspace, nested.parent, child_id, &nested.name, now).await?;
    }
    let schema = BlockSchema {
        id,
        created: now,
        updated: now,
        checksum: new.checksum.clone(),
        fields: new.answer(),
        block_type_id: type_id,
        block_type: Some(block_type),
        capabilities: schema.capabilities.clone(),
        version: schema.version.clone(),
    };
    Ok(Created { schema, is_new: true })
}

async fn insert(
    tx: &mut Tx,
    workspace: WorkspaceId,
    schema: &NewSchema,
    block_type: BlockTypeId,
    capabilities: &[String],
    version: &str,
    now: Timestamp,
) -> Result<BlockSchemaId> {
    let id = BlockSchemaId::sequential();
    let fields =
        serde_json::to_string(&schema.fields).map_err(|error| StoreError::Internal(error.to_string()))?;
    tx.execute(
        "INSERT INTO block_schema (id, workspace_id, created, updated, checksum, fields, capabilities, version,
             block_type_id)
         VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (workspace_id, checksum, version) DO NOTHING",
        params![
            id,
            workspace,
            now,
            schema.checksum.as_str(),
            fields,
            Json(capabilities),
            version,
            block_type
        ],
    )
    .await?;
    // Somebody else may have been faster.
    let stored = find(tx, workspace, &schema.checksum, Some(version)).await?;
    stored.ok_or_else(|| StoreError::Internal("a schema vanished while it was stored".to_owned()))
}

/// Refers to the nested schemas that are known by their checksums; the others wait to be stored.
async fn link(
    tx: &mut Tx,
    workspace: WorkspaceId,
    parent: BlockSchemaId,
    schema: &NewSchema,
    now: Timestamp,
    waiting: &mut VecDeque<Nested>,
) -> Result<(), Refusal> {
    for reference in &schema.references {
        let slug = &reference.block_type_slug;
        let block_type = block_types::read_by_slug(tx, workspace, slug).await?;
        let block_type = block_type.ok_or_else(|| Refusal::MissingNestedType(slug.clone()))?;
        match find(tx, workspace, &reference.block_schema_checksum, None).await? {
            Some(child) => refer(tx, workspace, parent, child, &reference.name, now).await?,
            None => waiting.push_back(Nested {
                parent,
                name: reference.name.clone(),
                block_type: block_type.id,
                fields: schema.nested_fields(reference)?,
                definitions: schema.definitions.clone(),
            }),
        }
        if waiting.len() > MOST_SCHEMAS {
            return Err(Refusal::TooMany);
        }
    }
    Ok(())
}

async fn refer(
    tx: &mut Tx,
    workspace: WorkspaceId,
    parent: BlockSchemaId,
    child: BlockSchemaId,
    name: &str,
    now: Timestamp,
) -> Result<()> {
    tx.execute(
        "INSERT INTO block_schema_reference (id, workspace_id, created, parent_block_schema_id,
             reference_block_schema_id, name)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (parent_block_schema_id, name, reference_block_schema_id) DO NOTHING",
        params![uuid::Uuid::now_v7(), workspace, now, parent, child, name],
    )
    .await?;
    Ok(())
}
