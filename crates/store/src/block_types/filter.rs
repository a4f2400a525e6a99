use sluice_wire::blocks::BlockType;
use sluice_wire::filters::{BlockSchemaFilter, BlockTypeFilter};
use sluice_wire::ids::WorkspaceId;

use super::{COLUMNS, from_columns};
use crate::{Result, Sql, Tx, filters};

/// The types that the filters find, by name: `limit` of them after `offset`.
pub async fn filter(
    tx: &mut Tx,
    workspace: WorkspaceId,
    types: Option<&BlockTypeFilter>,
    schemas: Option<&BlockSchemaFilter>,
    limit: i64,
    offset: i64,
) -> Result<Vec<BlockType>> {
    let mut sql = Sql::new(tx.dialect(), "SELECT ");
    sql.push(COLUMNS).push(" FROM block_type");
    filters::block_types::push_where(&mut sql, workspace, types, schemas);
    filters::block_types::push_order(&mut sql);
    filters::push_page(&mut sql, limit, offset);
    tx.query_sql(sql).await?.into_iter().map(|row| from_columns(&mut row.columns())).collect()
}
