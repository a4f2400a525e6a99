//! Which flow runs, in which order.

use sluice_wire::filters::{FlowRunFilter, FlowRunStateFilter, RelatedFilters};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::sorting::FlowRunSort;

use super::criteria::{Group, push_in, push_state_type, push_time_or_null};
use super::{
    Direction, deployments, flows, push_order_by, push_workspace, task_runs, work_pools, work_queues,
};
use crate::{Dialect, Sql};

/// The start or, for runs that did not start, when they are expected to; as the index has it.
const STARTED: &str = "COALESCE(flow_run.start_time, flow_run.expected_start_time)";
const SIGNED_STARTED: &str = "+COALESCE(flow_run.start_time, flow_run.expected_start_time)";

/// By which index the runs are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Walk {
    /// By one that the database chooses.
    Any,
    /// By that of their order: conditions on time and state only pass over what is on the way.
    Order,
}

/// Appends ` WHERE` with the conditions on table `flow_run`. Reads all filters.
pub fn push_where(sql: &mut Sql, workspace: WorkspaceId, filters: &RelatedFilters) {
    push_where_along(sql, workspace, filters, Walk::Any);
}

/// As [`push_where`], for runs that are found in a certain way.
pub(crate) fn push_where_along(sql: &mut Sql, workspace: WorkspaceId, filters: &RelatedFilters, walk: Walk) {
    push_workspace(sql, "flow_run", workspace);
    if let Some(filter) = &filters.flow_runs {
        push_along(sql.push(" AND "), filter, walk);
    }
    deployments::push_exists(sql, "flow_run.deployment_id", filters.deployments.as_ref());
    work_queues::push_exists(sql, "flow_run.work_queue_id", filters.work_pool_queues.as_ref());
    work_pools::push_exists(sql, "flow_run.work_queue_id", filters.work_pools.as_ref());
    flows::push_exists(sql, "flow_run.flow_id", filters.flows.as_ref());
    task_runs::push_exists(sql, "flow_run.id", filters.task_runs.as_ref());
}

/// Appends ` ORDER BY`.
pub fn push_order(sql: &mut Sql, sort: FlowRunSort) {
    let (expression, direction) = match sort {
        FlowRunSort::IdDesc => ("id", Direction::Descending),
        FlowRunSort::StartTimeAsc => (STARTED, Direction::Ascending),
        FlowRunSort::StartTimeDesc => (STARTED, Direction::Descending),
        FlowRunSort::ExpectedStartTimeAsc => ("flow_run.expected_start_time", Direction::Ascending),
        FlowRunSort::ExpectedStartTimeDesc => ("flow_run.expected_start_time", Direction::Descending),
        FlowRunSort::NameAsc => ("flow_run.name", Direction::Ascending),
        FlowRunSort::NameDesc => ("flow_run.name", Direction::Descending),
        FlowRunSort::NextScheduledStartTimeAsc => {
            ("flow_run.next_scheduled_start_time", Direction::Ascending)
        }
        FlowRunSort::EndTimeDesc => ("flow_run.end_time", Direction::Descending),
    };
    push_order_by(sql, "flow_run", expression, direction);
}

/// Appends the condition of the filter, in parentheses.
pub fn push(sql: &mut Sql, filter: &FlowRunFilter) {
    push_along(sql, filter, Walk::Any);
}

fn push_along(sql: &mut Sql, filter: &FlowRunFilter, walk: Walk) {
    // SQLite finds nothing by a column that has a sign. PostgreSQL knows how many rows there are.
    let is_bare = walk == Walk::Any || sql.dialect() == Dialect::Postgres;
    let named = |bare: &'static str, signed: &'static str| if is_bare { bare } else { signed };
    let expected = named("flow_run.expected_start_time", "+flow_run.expected_start_time");
    let started = named(STARTED, SIGNED_STARTED);
    let mut group = Group::open(sql, filter.operator);
    group.add("flow_run.id", filter.id.as_ref());
    group.add("flow_run.name", filter.name.as_ref());
    group.add("flow_run.tags", filter.tags.as_ref());
    group.add("flow_run.deployment_id", filter.deployment_id.as_ref());
    group.add("flow_run.work_queue_name", filter.work_queue_name.as_ref());
    group.add("flow_run.flow_version", filter.flow_version.as_ref());
    if let Some(state) = &filter.state {
        push_state(group.condition(), state, named("flow_run.state_type", "+flow_run.state_type"));
    }
    if let Some(start_time) = &filter.start_time {
        push_time_or_null(group.condition(), start_time, started, "flow_run.start_time");
    }
    group.add("flow_run.end_time", filter.end_time.as_ref());
    group.add(expected, filter.expected_start_time.as_ref());
    group.add("flow_run.next_scheduled_start_time", filter.next_scheduled_start_time.as_ref());
    if let Some(parent) = &filter.parent_flow_run_id {
        let sql = group.condition();
        match &parent.any_ {
            None => {
                sql.push("TRUE");
            }
            Some(flow_runs) => {
                sql.push("flow_run.parent_task_run_id IN (SELECT parent.id FROM task_run AS parent WHERE ");
                push_in(sql, "parent.flow_run_id", flow_runs);
                sql.push(")");
            }
        }
    }
    group.add("flow_run.parent_task_run_id", filter.parent_task_run_id.as_ref());
    group.add("flow_run.idempotency_key", filter.idempotency_key.as_ref());
    if let Some(created_by) = &filter.created_by {
        let mut creator = Group::open(group.condition(), created_by.operator);
        creator.any_of("(flow_run.created_by ->> 'id')", created_by.id_.as_ref());
        creator.any_of("(flow_run.created_by ->> 'type')", created_by.type_.as_ref());
        creator.is_null("flow_run.created_by", created_by.is_null_);
        creator.close();
    }
    group.close();
}

fn push_state(sql: &mut Sql, state: &FlowRunStateFilter, type_column: &str) {
    // A criterion that says nothing does not count, not even beside "or".
    let r#type =
        state.r#type.as_ref().filter(|criterion| says_something(&criterion.any_, &criterion.not_any_));
    let name = state.name.as_ref().filter(|criterion| says_something(&criterion.any_, &criterion.not_any_));
    let mut group = Group::open(sql, state.operator);
    if let Some(criterion) = r#type {
        push_state_type(group.condition(), type_column, criterion, criterion.any_.as_ref());
    }
    group.add("flow_run.state_name", name);
    group.close();
}

fn says_something<T>(any: &Option<Vec<T>>, not_any: &Option<Vec<T>>) -> bool {
    any.is_some() || not_any.as_ref().is_some_and(|terms| !terms.is_empty())
}
