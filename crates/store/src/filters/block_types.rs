//! Which block types. They come in the order of their names.

use sluice_wire::filters::{BlockSchemaFilter, BlockTypeFilter, Operator};
use sluice_wire::ids::WorkspaceId;

use super::criteria::Group;
use super::{Direction, block_schemas, push_order_by, push_workspace};
use crate::Sql;

/// Appends ` WHERE` with the conditions on table `block_type`.
pub fn push_where(
    sql: &mut Sql,
    workspace: WorkspaceId,
    types: Option<&BlockTypeFilter>,
    schemas: Option<&BlockSchemaFilter>,
) {
    push_workspace(sql, "block_type", workspace);
    if let Some(filter) = types {
        push(sql.push(" AND "), filter);
    }
    if let Some(filter) = schemas {
        sql.push(
            " AND EXISTS (SELECT 1 FROM block_schema WHERE block_schema.block_type_id = block_type.id AND ",
        );
        block_schemas::push(sql, filter);
        sql.push(")");
    }
}

/// Appends ` ORDER BY`.
pub fn push_order(sql: &mut Sql) {
    push_order_by(sql, "block_type", "block_type.name", Direction::Ascending);
}

/// Appends the condition of the filter, in parentheses.
pub fn push(sql: &mut Sql, filter: &BlockTypeFilter) {
    let mut group = Group::open(sql, Operator::And);
    group.add("block_type.name", filter.name.as_ref());
    group.add("block_type.slug", filter.slug.as_ref());
    group.close();
}
