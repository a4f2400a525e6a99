use std::collections::HashMap;

use sluice_blocks::{SchemaNode, full_fields, secret_paths};
use sluice_wire::blocks::{BlockSchema, Object};
use sluice_wire::ids::{BlockSchemaId, WorkspaceId};
use sluice_wire::json::RawJson;

use crate::{Result, Row, Sql, StoreError, Tx, block_types, filters};

/// Schemas with everything that they refer to.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    /// As stored.
    schemas: Vec<BlockSchema>,
    nodes: Vec<SchemaNode>,
    places: HashMap<BlockSchemaId, usize>,
}

impl Loaded {
    /// Loads these schemas. Those that do not exist are left out.
    pub(crate) async fn load(tx: &mut Tx, workspace: WorkspaceId, ids: &[BlockSchemaId]) -> Result<Self> {
        if ids.is_empty() {
            return Ok(Self::default());
        }
        let mut sql = Sql::new(tx.dialect(), "");
        push_reached(&mut sql, workspace, ids);
        sql.push(
            " SELECT block_schema.id, block_schema.created, block_schema.updated, block_schema.checksum, \
             block_schema.fields, block_schema.block_type_id, block_schema.capabilities, \
             block_schema.version, ",
        );
        sql.push(block_types::COLUMNS);
        sql.push(
            " FROM reached JOIN block_schema ON block_schema.id = reached.id \
             JOIN block_type ON block_type.id = block_schema.block_type_id",
        );
        let rows = tx.query_sql(sql).await?;
        let schemas = rows.into_iter().map(from_row).collect::<Result<Vec<_>>>()?;
        let places: HashMap<_, _> =
            schemas.iter().enumerate().map(|(place, schema)| (schema.id, place)).collect();
        let mut nodes: Vec<SchemaNode> = schemas.iter().map(node).collect();
        let mut sql = Sql::new(tx.dialect(), "");
        push_reached(&mut sql, workspace, ids);
        sql.push(
            " SELECT reference.parent_block_schema_id, reference.reference_block_schema_id, reference.name \
             FROM reached JOIN block_schema_reference AS reference \
             ON reference.parent_block_schema_id = reached.id ORDER BY reference.id",
        );
        for row in tx.query_sql(sql).await? {
            let mut columns = row.columns();
            let (parent, child): (BlockSchemaId, BlockSchemaId) = (columns.take()?, columns.take()?);
            let places = (places.get(&parent), places.get(&child));
            if let (Some(parent), Some(child)) = places
                && let Some(node) = nodes.get_mut(*parent)
            {
                node.references.push((columns.take()?, *child));
            }
        }
        Ok(Self { schemas, nodes, places })
    }

    /// The schema as clients read it.
    pub(crate) fn full(&self, id: BlockSchemaId) -> Option<BlockSchema> {
        let place = *self.places.get(&id)?;
        let schema = self.schemas.get(place)?;
        Some(BlockSchema { fields: full_fields(&self.nodes, place), ..schema.clone() })
    }

    /// The secret fields that the schema names.
    pub(crate) fn secret_paths(&self, id: BlockSchemaId) -> Vec<String> {
        let schema = self.places.get(&id).and_then(|place| self.schemas.get(*place));
        schema.map(|schema| secret_paths(&schema.fields)).unwrap_or_default()
    }
}

/// The schemas `ids` and all that they refer to, as the table `reached`.
fn push_reached(sql: &mut Sql, workspace: WorkspaceId, ids: &[BlockSchemaId]) {
    sql.push("WITH RECURSIVE reached (id) AS (SELECT block_schema.id FROM block_schema");
    sql.push(" WHERE block_schema.workspace_id = ").bind(workspace).push(" AND ");
    filters::push_in(sql, "block_schema.id", ids);
    sql.push(
        " UNION SELECT reference.reference_block_schema_id FROM reached \
         JOIN block_schema_reference AS reference ON reference.parent_block_schema_id = reached.id)",
    );
}

fn node(schema: &BlockSchema) -> SchemaNode {
    SchemaNode {
        fields: schema.fields.clone(),
        checksum: schema.checksum.clone(),
        block_type_slug: schema.block_type.as_ref().map(|block| block.slug.clone()).unwrap_or_default(),
        references: Vec::new(),
    }
}

fn from_row(row: Row) -> Result<BlockSchema> {
    let mut columns = row.columns();
    Ok(BlockSchema {
        id: columns.take()?,
        created: columns.take()?,
        updated: columns.take()?,
        checksum: columns.take()?,
        fields: columns
            .take::<RawJson>()?
            .parse::<Object>()
            .map_err(|error| StoreError::Corrupt(error.to_string()))?,
        block_type_id: columns.take()?,
        capabilities: columns.take()?,
        version: columns.take()?,
        block_type: Some(block_types::from_columns(&mut columns)?),
    })
}
