//! Which artifacts, in which order.

use sluice_wire::filters::{ArtifactFilter, RelatedFilters};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::sorting::ArtifactSort;

use super::criteria::Group;
use super::{Direction, deployments, flow_runs, flows, push_order_by, push_workspace};
use crate::Sql;

/// Appends ` WHERE` with the conditions on table `artifact`. Reads the related flows, flow runs, task runs and
/// deployments.
pub fn push_where(
    sql: &mut Sql,
    workspace: WorkspaceId,
    filter: Option<&ArtifactFilter>,
    related: &RelatedFilters,
) {
    push_workspace(sql, "artifact", workspace);
    if let Some(filter) = filter {
        push(sql.push(" AND "), filter);
    }
    push_runs_exist(sql, "artifact", related);
}

/// Appends that the runs behind a row of `table` exist and are found by the filters.
pub(super) fn push_runs_exist(sql: &mut Sql, table: &str, related: &RelatedFilters) {
    if related.flows.is_some() || related.flow_runs.is_some() || related.deployments.is_some() {
        sql.push(" AND EXISTS (SELECT 1 FROM flow_run WHERE flow_run.workspace_id = ")
            .push(table)
            .push(".workspace_id AND flow_run.id = ")
            .push(table)
            .push(".flow_run_id");
        if let Some(filter) = &related.flow_runs {
            flow_runs::push(sql.push(" AND "), filter);
        }
        flows::push_exists(sql, "flow_run.flow_id", related.flows.as_ref());
        deployments::push_exists(sql, "flow_run.deployment_id", related.deployments.as_ref());
        sql.push(")");
    }
    if let Some(filter) = &related.task_runs {
        sql.push(" AND EXISTS (SELECT 1 FROM task_run WHERE task_run.workspace_id = ")
            .push(table)
            .push(".workspace_id AND task_run.id = ")
            .push(table)
            .push(".task_run_id AND ");
        super::task_runs::push(sql, filter);
        sql.push(")");
    }
}

/// Appends ` ORDER BY`.
pub fn push_order(sql: &mut Sql, sort: ArtifactSort) {
    let (expression, direction) = match sort {
        ArtifactSort::IdDesc => ("id", Direction::Descending),
        ArtifactSort::CreatedDesc => ("artifact.created", Direction::Descending),
        ArtifactSort::UpdatedDesc => ("artifact.updated", Direction::Descending),
        ArtifactSort::KeyDesc => ("artifact.key", Direction::Descending),
        ArtifactSort::KeyAsc => ("artifact.key", Direction::Ascending),
    };
    push_order_by(sql, "artifact", expression, direction);
}

/// Appends the condition of the filter, in parentheses.
pub fn push(sql: &mut Sql, filter: &ArtifactFilter) {
    let mut group = Group::open(sql, filter.operator);
    group.add("artifact.id", filter.id.as_ref());
    group.add("artifact.key", filter.key.as_ref());
    group.add("artifact.flow_run_id", filter.flow_run_id.as_ref());
    group.add("artifact.task_run_id", filter.task_run_id.as_ref());
    group.add("artifact.type", filter.r#type.as_ref());
    group.close();
}
