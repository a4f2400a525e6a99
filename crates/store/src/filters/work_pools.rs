//! Which work pools.

use sluice_wire::filters::WorkPoolFilter;
use sluice_wire::ids::WorkspaceId;

use super::criteria::Group;
use super::push_workspace;
use crate::Sql;

/// Appends ` WHERE` with the conditions on table `work_pool`. Their order is by name.
pub fn push_where(sql: &mut Sql, workspace: WorkspaceId, filter: Option<&WorkPoolFilter>) {
    push_workspace(sql, "work_pool", workspace);
    if let Some(filter) = filter {
        push(sql.push(" AND "), filter);
    }
}

/// Appends the condition of the filter, in parentheses.
pub fn push(sql: &mut Sql, filter: &WorkPoolFilter) {
    let mut group = Group::open(sql, filter.operator);
    group.add("work_pool.id", filter.id.as_ref());
    group.add("work_pool.name", filter.name.as_ref());
    group.add("work_pool.type", filter.r#type.as_ref());
    group.close();
}

/// Appends ` AND EXISTS` a work pool of this work queue that the filter finds, when there is a filter.
pub(super) fn push_exists(sql: &mut Sql, work_queue_id: &str, filter: Option<&WorkPoolFilter>) {
    if let Some(filter) = filter {
        sql.push(" AND EXISTS (SELECT 1 FROM work_pool WHERE work_pool.id = ");
        sql.push("(SELECT pool_queue.work_pool_id FROM work_queue AS pool_queue WHERE pool_queue.id = ");
        sql.push(work_queue_id).push(") AND ");
        push(sql, filter);
        sql.push(")");
    }
}
