//! Which deployments, in which order.

use sluice_wire::filters::{DeploymentFilter, RelatedFilters};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::sorting::DeploymentSort;

use super::criteria::{Criterion, Group};
use super::{Direction, flow_runs, flows, push_order_by, push_workspace, task_runs, work_pools, work_queues};
use crate::Sql;

/// Appends ` WHERE` with the conditions on table `deployment`. Reads all filters.
pub fn push_where(sql: &mut Sql, workspace: WorkspaceId, filters: &RelatedFilters) {
    push_workspace(sql, "deployment", workspace);
    if let Some(filter) = &filters.deployments {
        push(sql.push(" AND "), filter);
    }
    flows::push_exists(sql, "deployment.flow_id", filters.flows.as_ref());
    if filters.flow_runs.is_some() || filters.task_runs.is_some() {
        sql.push(" AND EXISTS (SELECT 1 FROM flow_run WHERE flow_run.deployment_id = deployment.id");
        if let Some(filter) = &filters.flow_runs {
            flow_runs::push(sql.push(" AND "), filter);
        }
        task_runs::push_exists(sql, "flow_run.id", filters.task_runs.as_ref());
        sql.push(")");
    }
    work_queues::push_exists(sql, "deployment.work_queue_id", filters.work_pool_queues.as_ref());
    work_pools::push_exists(sql, "deployment.work_queue_id", filters.work_pools.as_ref());
}

/// Appends ` ORDER BY`.
pub fn push_order(sql: &mut Sql, sort: DeploymentSort) {
    let (expression, direction) = match sort {
        DeploymentSort::NameAsc => ("deployment.name", Direction::Ascending),
        DeploymentSort::NameDesc => ("deployment.name", Direction::Descending),
        DeploymentSort::CreatedDesc => ("deployment.created", Direction::Descending),
        DeploymentSort::UpdatedDesc => ("deployment.updated", Direction::Descending),
    };
    push_order_by(sql, "deployment", expression, direction);
}

/// Appends the condition of the filter, in parentheses.
pub fn push(sql: &mut Sql, filter: &DeploymentFilter) {
    let mut group = Group::open(sql, filter.operator);
    group.add("deployment.id", filter.id.as_ref());
    group.add("deployment.name", filter.name.as_ref());
    if let Some(name) = &filter.flow_or_deployment_name {
        let sql = group.condition();
        sql.push("(");
        name.push(sql, "deployment.name");
        sql.push(" OR EXISTS (SELECT 1 FROM flow AS own_flow WHERE own_flow.id = deployment.flow_id AND ");
        name.push(sql, "own_flow.name");
        sql.push("))");
    }
    group.add("deployment.paused", filter.paused.as_ref());
    group.add("deployment.tags", filter.tags.as_ref());
    group.add("deployment.work_queue_name", filter.work_queue_name.as_ref());
    group.close();
}

/// Appends ` AND EXISTS` a deployment with this id that the filter finds, when there is a filter.
pub(super) fn push_exists(sql: &mut Sql, id: &str, filter: Option<&DeploymentFilter>) {
    if let Some(filter) = filter {
        sql.push(" AND EXISTS (SELECT 1 FROM deployment WHERE deployment.id = ").push(id).push(" AND ");
        push(sql, filter);
        sql.push(")");
    }
}
