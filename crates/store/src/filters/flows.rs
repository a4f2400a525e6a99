//! Which flows, in which order.

use sluice_wire::filters::{FlowFilter, RelatedFilters};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::sorting::FlowSort;

use super::criteria::Group;
use super::{Direction, deployments, flow_runs, push_order_by, push_workspace, task_runs, work_pools};
use crate::Sql;

/// Appends ` WHERE` with the conditions on table `flow`. Reads all filters but `work_pool_queues`.
pub fn push_where(sql: &mut Sql, workspace: WorkspaceId, filters: &RelatedFilters) {
    push_workspace(sql, "flow", workspace);
    if let Some(filter) = &filters.flows {
        push(sql.push(" AND "), filter);
    }
    if filters.deployments.is_some() || filters.work_pools.is_some() {
        sql.push(" AND EXISTS (SELECT 1 FROM deployment WHERE deployment.flow_id = flow.id");
        if let Some(filter) = &filters.deployments {
            deployments::push(sql.push(" AND "), filter);
        }
        work_pools::push_exists(sql, "deployment.work_queue_id", filters.work_pools.as_ref());
        sql.push(")");
    }
    if filters.flow_runs.is_some() || filters.task_runs.is_some() {
        sql.push(" AND EXISTS (SELECT 1 FROM flow_run WHERE flow_run.flow_id = flow.id");
        if let Some(filter) = &filters.flow_runs {
            flow_runs::push(sql.push(" AND "), filter);
        }
        task_runs::push_exists(sql, "flow_run.id", filters.task_runs.as_ref());
        sql.push(")");
    }
}

/// Appends ` ORDER BY`.
pub fn push_order(sql: &mut Sql, sort: FlowSort) {
    let (expression, direction) = match sort {
        FlowSort::NameAsc => ("flow.name", Direction::Ascending),
        FlowSort::NameDesc => ("flow.name", Direction::Descending),
        FlowSort::CreatedDesc => ("flow.created", Direction::Descending),
        FlowSort::UpdatedDesc => ("flow.updated", Direction::Descending),
    };
    push_order_by(sql, "flow", expression, direction);
}

/// Appends the condition of the filter, in parentheses.
pub fn push(sql: &mut Sql, filter: &FlowFilter) {
    let mut group = Group::open(sql, filter.operator);
    group.add("flow.id", filter.id.as_ref());
    if let Some(deployment) = &filter.deployment {
        let sql = group.condition();
        match deployment.is_null_ {
            None => sql.push("TRUE"),
            Some(is_null) => sql.push(if is_null { "NOT " } else { "" }).push(
                "EXISTS (SELECT 1 FROM deployment AS any_deployment WHERE any_deployment.flow_id = flow.id)",
            ),
        };
    }
    group.add("flow.name", filter.name.as_ref());
    group.add("flow.tags", filter.tags.as_ref());
    group.close();
}

/// Appends ` AND EXISTS` a flow with this id that the filter finds, when there is a filter.
pub(super) fn push_exists(sql: &mut Sql, id: &str, filter: Option<&FlowFilter>) {
    if let Some(filter) = filter {
        sql.push(" AND EXISTS (SELECT 1 FROM flow WHERE flow.id = ").push(id).push(" AND ");
        push(sql, filter);
        sql.push(")");
    }
}
