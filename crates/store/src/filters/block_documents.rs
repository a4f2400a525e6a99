//! Which block documents, in which order.

use sluice_wire::filters::{BlockDocumentFilter, BlockSchemaFilter, BlockTypeFilter};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::sorting::BlockDocumentSort;

use super::criteria::Group;
use super::{Direction, block_schemas, block_types, push_order_by, push_workspace};
use crate::Sql;

/// Filters of block documents and of what they belong to.
#[derive(Debug, Clone, Default)]
pub struct Filters {
    /// None: those that are not anonymous.
    pub documents: Option<BlockDocumentFilter>,
    /// On their types.
    pub types: Option<BlockTypeFilter>,
    /// On their schemas.
    pub schemas: Option<BlockSchemaFilter>,
}

/// Appends ` WHERE` with the conditions on table `block_document`.
pub fn push_where(sql: &mut Sql, workspace: WorkspaceId, filters: &Filters) {
    push_workspace(sql, "block_document", workspace);
    let named = BlockDocumentFilter::default();
    push(sql.push(" AND "), filters.documents.as_ref().unwrap_or(&named));
    if let Some(filter) = &filters.types {
        sql.push(
            " AND EXISTS (SELECT 1 FROM block_type WHERE block_type.id = block_document.block_type_id AND ",
        );
        block_types::push(sql, filter);
        sql.push(")");
    }
    if let Some(filter) = &filters.schemas {
        sql.push(
            " AND EXISTS (SELECT 1 FROM block_schema \
             WHERE block_schema.id = block_document.block_schema_id AND ",
        );
        block_schemas::push(sql, filter);
        sql.push(")");
    }
}

/// Appends ` ORDER BY`.
pub fn push_order(sql: &mut Sql, sort: BlockDocumentSort) {
    let (expression, direction) = match sort {
        BlockDocumentSort::NameDesc => ("block_document.name", Direction::Descending),
        BlockDocumentSort::NameAsc => ("block_document.name", Direction::Ascending),
        BlockDocumentSort::BlockTypeAndNameAsc => {
            ("block_document.block_type_name, block_document.name", Direction::Ascending)
        }
    };
    push_order_by(sql, "block_document", expression, direction);
}

/// Appends the condition of the filter, in parentheses.
pub fn push(sql: &mut Sql, filter: &BlockDocumentFilter) {
    let mut group = Group::open(sql, filter.operator);
    group.add("block_document.id", filter.id.as_ref());
    group.add("block_document.is_anonymous", filter.is_anonymous.as_ref());
    group.add("block_document.block_type_id", filter.block_type_id.as_ref());
    group.add("block_document.name", filter.name.as_ref());
    group.close();
}
