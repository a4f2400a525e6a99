//! Brings the blocks that every server knows into a workspace.

use std::collections::HashMap;

use serde_json::json;
use sluice_blocks::system::{self, SystemBlocks};
use sluice_wire::ids::{BlockSchemaId, BlockTypeId, WorkspaceId};
use sluice_wire::json::RawJson;
use sluice_wire::time::Timestamp;

use super::event::push_event;
use super::read;
use crate::{Json, Result, Row, StoreError, Tx, configuration, params};

/// Where it stands which data were registered last.
const KEY: &str = "system-blocks";

/// Whether these very block types and schemas were registered, and none was deleted since.
pub async fn is_system_registered(tx: &mut Tx, workspace: WorkspaceId) -> Result<bool> {
    Ok(configuration::read(tx, workspace, KEY).await?.as_ref() == Some(&fingerprint()?))
}

/// Registers the system's block types and schemas; what is there is brought up to date.
pub async fn register_system(tx: &mut Tx, workspace: WorkspaceId, now: Timestamp) -> Result<()> {
    register(tx, workspace, &load()?, now).await?;
    configuration::write(tx, workspace, KEY, &fingerprint()?, now).await
}

/// Registers the protected types, which the system itself relies on.
pub async fn install_protected(tx: &mut Tx, workspace: WorkspaceId, now: Timestamp) -> Result<()> {
    register(tx, workspace, &load()?.only_protected(), now).await
}

/// The next start looks again at what is there.
pub(crate) async fn forget_registration(tx: &mut Tx, workspace: WorkspaceId) -> Result<()> {
    configuration::delete(tx, workspace, KEY).await
}

fn fingerprint() -> Result<RawJson> {
    RawJson::from_value(&json!({ "fingerprint": system::fingerprint() }))
        .map_err(|error| StoreError::Internal(error.to_string()))
}

fn load() -> Result<SystemBlocks> {
    SystemBlocks::load().map_err(|error| StoreError::Internal(error.to_string()))
}

async fn register(tx: &mut Tx, workspace: WorkspaceId, blocks: &SystemBlocks, now: Timestamp) -> Result<()> {
    let known = known_types(tx, workspace).await?;
    let values = |block: &system::SystemType, id: BlockTypeId| {
        params![
            id,
            workspace,
            now,
            block.name.as_str(),
            block.slug.as_str(),
            block.logo_url.as_deref(),
            block.documentation_url.as_deref(),
            block.description.as_deref(),
            block.code_example.as_deref(),
            block.is_protected,
        ]
    };
    let new_ids: Vec<BlockTypeId> = blocks.types.iter().map(|_| BlockTypeId::sequential()).collect();
    let rows = blocks.types.iter().zip(&new_ids).map(|(block, id)| values(block, *id)).collect();
    tx.execute_many(
        "INSERT INTO block_type (id, workspace_id, created, updated, name, slug, logo_url, documentation_url,
             description, code_example, is_protected)
         VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (workspace_id, slug) DO UPDATE SET
             updated = EXCLUDED.updated, logo_url = EXCLUDED.logo_url,
             documentation_url = EXCLUDED.documentation_url, description = EXCLUDED.description,
             code_example = EXCLUDED.code_example, is_protected = EXCLUDED.is_protected",
        rows,
    )
    .await?;
    let types = known_types(tx, workspace).await?;
    for block in blocks.types.iter().filter(|block| !known.contains_key(&block.slug)) {
        let Some(id) = types.get(&block.slug) else { continue };
        if let Some(created) = read(tx, workspace, *id).await? {
            push_event(tx, workspace, "created", &created, now).await?;
        }
    }
    register_schemas(tx, workspace, blocks, &types, now).await
}

async fn register_schemas(
    tx: &mut Tx,
    workspace: WorkspaceId,
    blocks: &SystemBlocks,
    types: &HashMap<String, BlockTypeId>,
    now: Timestamp,
) -> Result<()> {
    let mut rows = Vec::new();
    for schema in &blocks.schemas {
        let Some(block_type) = types.get(&schema.block_type_slug) else { continue };
        rows.push(params![
            BlockSchemaId::sequential(),
            workspace,
            now,
            schema.checksum.as_str(),
            schema.fields.get(),
            Json(&schema.capabilities),
            schema.version.as_str(),
            *block_type,
        ]);
    }
    tx.execute_many(
        "INSERT INTO block_schema (id, workspace_id, created, updated, checksum, fields, capabilities, version,
             block_type_id)
         VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (workspace_id, checksum, version) DO NOTHING",
        rows,
    )
    .await?;
    let ids = known_schemas(tx, workspace).await?;
    let mut rows = Vec::new();
    for schema in &blocks.schemas {
        let Some(parent) = ids.get(&(schema.checksum.clone(), schema.version.clone())) else { continue };
        for reference in &schema.references {
            let key = (reference.checksum.clone(), reference.version.clone());
            let Some(child) = ids.get(&key) else { continue };
            let name = reference.name.as_str();
            rows.push(params![uuid::Uuid::now_v7(), workspace, now, *parent, *child, name]);
        }
    }
    tx.execute_many(
        "INSERT INTO block_schema_reference (id, workspace_id, created, parent_block_schema_id,
             reference_block_schema_id, name)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (parent_block_schema_id, name, reference_block_schema_id) DO NOTHING",
        rows,
    )
    .await?;
    Ok(())
}

async fn known_types(tx: &mut Tx, workspace: WorkspaceId) -> Result<HashMap<String, BlockTypeId>> {
    let rows =
        tx.query("SELECT slug, id FROM block_type WHERE workspace_id = ?1", params![workspace]).await?;
    let read = |row: Row| {
        let mut columns = row.columns();
        Ok((columns.take()?, columns.take()?))
    };
    rows.into_iter().map(read).collect()
}

async fn known_schemas(
    tx: &mut Tx,
    workspace: WorkspaceId,
) -> Result<HashMap<(String, String), BlockSchemaId>> {
    let rows = tx
        .query("SELECT checksum, version, id FROM block_schema WHERE workspace_id = ?1", params![workspace])
        .await?;
    let read = |row: Row| {
        let mut columns = row.columns();
        Ok(((columns.take()?, columns.take()?), columns.take()?))
    };
    rows.into_iter().map(read).collect()
}
