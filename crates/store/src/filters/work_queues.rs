//! Which work queues.

use sluice_wire::filters::WorkQueueFilter;
use sluice_wire::ids::WorkspaceId;

use super::criteria::Group;
use super::push_workspace;
use crate::Sql;

/// Appends ` WHERE` with the conditions on table `work_queue`. Their order is by name, or by priority within a pool.
pub fn push_where(sql: &mut Sql, workspace: WorkspaceId, filter: Option<&WorkQueueFilter>) {
    push_workspace(sql, "work_queue", workspace);
    if let Some(filter) = filter {
        push(sql.push(" AND "), filter);
    }
}

/// Appends the condition of the filter, in parentheses.
pub fn push(sql: &mut Sql, filter: &WorkQueueFilter) {
    let mut group = Group::open(sql, filter.operator);
    group.add("work_queue.id", filter.id.as_ref());
    group.add("work_queue.name", filter.name.as_ref());
    group.close();
}

/// Appends ` AND EXISTS` a work queue with this id that the filter finds, when there is a filter.
pub(super) fn push_exists(sql: &mut Sql, id: &str, filter: Option<&WorkQueueFilter>) {
    if let Some(filter) = filter {
        sql.push(" AND EXISTS (SELECT 1 FROM work_queue WHERE work_queue.id = ").push(id).push(" AND ");
        push(sql, filter);
        sql.push(")");
    }
}
