//! Which task runs, in which order.

use sluice_wire::filters::{
    AnyOrNotFilter, FlowRunFilter, RelatedFilters, TaskRunFilter, TaskRunFlowRunFilter, TaskRunStateFilter,
};
use sluice_wire::ids::{FlowRunId, WorkspaceId};
use sluice_wire::sorting::TaskRunSort;

use super::criteria::{Group, push_in, push_state_type};
use super::{
    Direction, deployments, flow_runs, flows, push_order_by, push_workspace, work_pools, work_queues,
};
use crate::Sql;

/// Appends ` WHERE` with the conditions on table `task_run`. Reads all filters.
pub fn push_where(sql: &mut Sql, workspace: WorkspaceId, filters: &RelatedFilters) {
    push_workspace(sql, "task_run", workspace);
    if let Some(filter) = &filters.task_runs {
        push(sql.push(" AND "), filter);
    }
    let asks_beyond_flow_runs = filters.flows.is_some()
        || filters.deployments.is_some()
        || filters.work_pools.is_some()
        || filters.work_pool_queues.is_some();
    let flow_run_ids = filters.flow_runs.as_ref().and_then(only_ids);
    match flow_run_ids {
        // As in the reference, which does not ask whether the flow runs exist.
        Some(ids) if !asks_beyond_flow_runs => push_in(sql.push(" AND "), "task_run.flow_run_id", ids),
        _ if asks_beyond_flow_runs || filters.flow_runs.is_some() => {
            sql.push(
                " AND EXISTS (SELECT 1 FROM flow_run WHERE flow_run.workspace_id = task_run.workspace_id
                    AND flow_run.id = task_run.flow_run_id",
            );
            if let Some(filter) = &filters.flow_runs {
                flow_runs::push(sql.push(" AND "), filter);
            }
            flows::push_exists(sql, "flow_run.flow_id", filters.flows.as_ref());
            deployments::push_exists(sql, "flow_run.deployment_id", filters.deployments.as_ref());
            work_queues::push_exists(sql, "flow_run.work_queue_id", filters.work_pool_queues.as_ref());
            work_pools::push_exists(sql, "flow_run.work_queue_id", filters.work_pools.as_ref());
            sql.push(")");
        }
        _ => {}
    }
}

/// The ids, when the filter says nothing else.
fn only_ids(filter: &FlowRunFilter) -> Option<&Vec<FlowRunId>> {
    let id = filter.id.as_ref()?;
    let ids = id.any_.as_ref().filter(|ids| !ids.is_empty())?;
    let just_ids = FlowRunFilter {
        operator: filter.operator,
        id: Some(AnyOrNotFilter { any_: Some(ids.clone()), not_any_: None }),
        ..FlowRunFilter::default()
    };
    (*filter == just_ids).then_some(ids)
}

/// Appends ` ORDER BY`.
pub fn push_order(sql: &mut Sql, sort: TaskRunSort) {
    let (expression, direction) = match sort {
        TaskRunSort::IdDesc => ("id", Direction::Descending),
        TaskRunSort::ExpectedStartTimeAsc => ("task_run.expected_start_time", Direction::Ascending),
        TaskRunSort::ExpectedStartTimeDesc => ("task_run.expected_start_time", Direction::Descending),
        TaskRunSort::NameAsc => ("task_run.name", Direction::Ascending),
        TaskRunSort::NameDesc => ("task_run.name", Direction::Descending),
        TaskRunSort::NextScheduledStartTimeAsc => {
            ("task_run.next_scheduled_start_time", Direction::Ascending)
        }
        TaskRunSort::EndTimeDesc => ("task_run.end_time", Direction::Descending),
    };
    push_order_by(sql, "task_run", expression, direction);
}

/// Appends the condition of the filter, in parentheses.
pub fn push(sql: &mut Sql, filter: &TaskRunFilter) {
    let mut group = Group::open(sql, filter.operator);
    group.add("task_run.id", filter.id.as_ref());
    group.add("task_run.name", filter.name.as_ref());
    group.add("task_run.tags", filter.tags.as_ref());
    if let Some(state) = &filter.state {
        push_state(group.condition(), state);
    }
    group.add("task_run.start_time", filter.start_time.as_ref());
    group.add("task_run.end_time", filter.end_time.as_ref());
    group.add("task_run.expected_start_time", filter.expected_start_time.as_ref());
    if let Some(subflow_runs) = &filter.subflow_runs {
        let sql = group.condition();
        match subflow_runs.exists_ {
            None => sql.push("TRUE"),
            Some(exist) => sql.push(if exist { "" } else { "NOT " }).push(
                "EXISTS (SELECT 1 FROM flow_run AS subflow_run WHERE subflow_run.workspace_id = task_run.workspace_id
                    AND subflow_run.parent_task_run_id = task_run.id)",
            ),
        };
    }
    if let Some(flow_run_id) = &filter.flow_run_id {
        push_flow_run_id(group.condition(), flow_run_id);
    }
    group.close();
}

fn push_state(sql: &mut Sql, state: &TaskRunStateFilter) {
    // A criterion that says nothing does not count, not even beside "or".
    let r#type = state.r#type.as_ref().filter(|criterion| criterion.any_.is_some());
    let name = state.name.as_ref().filter(|criterion| criterion.any_.is_some());
    let mut group = Group::open(sql, state.operator);
    if let Some(criterion) = r#type {
        push_state_type(group.condition(), "task_run.state_type", criterion, criterion.any_.as_ref());
    }
    group.add("task_run.state_name", name);
    group.close();
}

fn push_flow_run_id(sql: &mut Sql, filter: &TaskRunFlowRunFilter) {
    let mut group = Group::open(sql, filter.operator);
    match (&filter.any_, filter.is_null_) {
        (_, Some(true)) => group.is_null("task_run.flow_run_id", Some(true)),
        (None, Some(false)) => group.is_null("task_run.flow_run_id", Some(false)),
        (any, _) => group.any_of("task_run.flow_run_id", any.as_ref()),
    }
    group.close();
}

/// Appends ` AND EXISTS` a task run of this flow run that the filter finds, when there is a filter.
pub(super) fn push_exists(sql: &mut Sql, flow_run_id: &str, filter: Option<&TaskRunFilter>) {
    if let Some(filter) = filter {
        sql.push(" AND EXISTS (SELECT 1 FROM task_run WHERE task_run.flow_run_id = ")
            .push(flow_run_id)
            .push(" AND ");
        push(sql, filter);
        sql.push(")");
    }
}
