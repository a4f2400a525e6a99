//! Which schemas of blocks. They come newest first.

use sluice_wire::filters::BlockSchemaFilter;
use sluice_wire::ids::WorkspaceId;

use super::criteria::Group;
use super::{Direction, push_order_by, push_workspace};
use crate::Sql;

/// Appends ` WHERE` with the conditions on table `block_schema`.
pub fn push_where(sql: &mut Sql, workspace: WorkspaceId, filter: Option<&BlockSchemaFilter>) {
    push_workspace(sql, "block_schema", workspace);
    if let Some(filter) = filter {
        push(sql.push(" AND "), filter);
    }
}

/// Appends ` ORDER BY`.
pub fn push_order(sql: &mut Sql) {
    push_order_by(sql, "block_schema", "block_schema.created", Direction::Descending);
}

/// Appends the condition of the filter, in parentheses.
pub fn push(sql: &mut Sql, filter: &BlockSchemaFilter) {
    let mut group = Group::open(sql, filter.operator);
    group.add("block_schema.block_type_id", filter.block_type_id.as_ref());
    group.add("block_schema.capabilities", filter.block_capabilities.as_ref());
    group.add("block_schema.id", filter.id.as_ref());
    group.add("block_schema.version", filter.version.as_ref());
    group.close();
}
