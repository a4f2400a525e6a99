//! Which variables, in which order.

use sluice_wire::filters::VariableFilter;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::sorting::VariableSort;

use super::criteria::Group;
use super::{Direction, push_order_by, push_workspace};
use crate::Sql;

/// Appends ` WHERE` with the conditions on table `variable`.
pub fn push_where(sql: &mut Sql, workspace: WorkspaceId, filter: Option<&VariableFilter>) {
    push_workspace(sql, "variable", workspace);
    if let Some(filter) = filter {
        push(sql.push(" AND "), filter);
    }
}

/// Appends ` ORDER BY`.
pub fn push_order(sql: &mut Sql, sort: VariableSort) {
    let (expression, direction) = match sort {
        VariableSort::NameAsc => ("variable.name", Direction::Ascending),
        VariableSort::NameDesc => ("variable.name", Direction::Descending),
        VariableSort::CreatedDesc => ("variable.created", Direction::Descending),
        VariableSort::UpdatedDesc => ("variable.updated", Direction::Descending),
    };
    push_order_by(sql, "variable", expression, direction);
}

/// Appends the condition of the filter, in parentheses.
pub fn push(sql: &mut Sql, filter: &VariableFilter) {
    let mut group = Group::open(sql, filter.operator);
    group.add("variable.id", filter.id.as_ref());
    group.add("variable.name", filter.name.as_ref());
    group.add("variable.tags", filter.tags.as_ref());
    group.close();
}
