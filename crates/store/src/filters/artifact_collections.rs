//! Which of the newest artifacts of each key, in which order.

use sluice_wire::filters::{ArtifactCollectionFilter, RelatedFilters};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::sorting::ArtifactCollectionSort;

use super::artifacts::push_runs_exist;
use super::criteria::Group;
use super::{Direction, push_order_by, push_workspace};
use crate::Sql;

/// Appends ` WHERE` with the conditions on table `artifact_collection`. Reads the related flows, flow runs, task
/// runs and deployments.
pub fn push_where(
    sql: &mut Sql,
    workspace: WorkspaceId,
    filter: Option<&ArtifactCollectionFilter>,
    related: &RelatedFilters,
) {
    push_workspace(sql, "artifact_collection", workspace);
    if let Some(filter) = filter {
        push(sql.push(" AND "), filter);
    }
    push_runs_exist(sql, "artifact_collection", related);
}

/// Appends ` ORDER BY`.
pub fn push_order(sql: &mut Sql, sort: ArtifactCollectionSort) {
    let (expression, direction) = match sort {
        ArtifactCollectionSort::IdDesc => ("id", Direction::Descending),
        ArtifactCollectionSort::CreatedDesc => ("artifact_collection.created", Direction::Descending),
        ArtifactCollectionSort::UpdatedDesc => ("artifact_collection.updated", Direction::Descending),
        ArtifactCollectionSort::KeyDesc => ("artifact_collection.key", Direction::Descending),
        ArtifactCollectionSort::KeyAsc => ("artifact_collection.key", Direction::Ascending),
    };
    push_order_by(sql, "artifact_collection", expression, direction);
}

/// Appends the condition of the filter, in parentheses.
pub fn push(sql: &mut Sql, filter: &ArtifactCollectionFilter) {
    let mut group = Group::open(sql, filter.operator);
    group.add("artifact_collection.latest_id", filter.latest_id.as_ref());
    group.add("artifact_collection.key", filter.key.as_ref());
    group.add("artifact_collection.flow_run_id", filter.flow_run_id.as_ref());
    group.add("artifact_collection.task_run_id", filter.task_run_id.as_ref());
    group.add("artifact_collection.type", filter.r#type.as_ref());
    group.close();
}
