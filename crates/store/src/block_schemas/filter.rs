use sluice_wire::blocks::BlockSchema;
use sluice_wire::filters::BlockSchemaFilter;
use sluice_wire::ids::{BlockSchemaId, WorkspaceId};

use super::Loaded;
use crate::{Result, Row, Sql, Tx, filters};

/// The schemas that the filter finds, newest first: `limit` of them after `offset`.
pub async fn filter(
    tx: &mut Tx,
    workspace: WorkspaceId,
    schemas: Option<&BlockSchemaFilter>,
    limit: i64,
    offset: i64,
) -> Result<Vec<BlockSchema>> {
    let mut sql = Sql::new(tx.dialect(), "SELECT block_schema.id FROM block_schema");
    filters::block_schemas::push_where(&mut sql, workspace, schemas);
    filters::block_schemas::push_order(&mut sql);
    filters::push_page(&mut sql, limit, offset);
    let rows = tx.query_sql(sql).await?;
    let ids = rows.into_iter().map(Row::scalar).collect::<Result<Vec<BlockSchemaId>>>()?;
    let loaded = Loaded::load(tx, workspace, &ids).await?;
    Ok(ids.into_iter().filter_map(|id| loaded.full(id)).collect())
}
