use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    AnyFilter, AnyOrNotFilter, AnyOrNullFilter, AnyTagsFilter, NameFilter, Operator, TimeFilter,
    TimeOrNullFilter,
};
use crate::ids::{DeploymentId, FlowRunId, TaskRunId};
use crate::states::StateType;

/// Which flow runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowRunFilter {
    #[serde(default)]
    pub operator: Operator,
    #[serde(default)]
    pub id: Option<AnyOrNotFilter<FlowRunId>>,
    #[serde(default)]
    pub name: Option<NameFilter>,
    #[serde(default)]
    pub tags: Option<AnyTagsFilter>,
    #[serde(default)]
    pub deployment_id: Option<AnyOrNullFilter<DeploymentId>>,
    #[serde(default)]
    pub work_queue_name: Option<AnyOrNullFilter<String>>,
    #[serde(default)]
    pub state: Option<FlowRunStateFilter>,
    #[serde(default)]
    pub flow_version: Option<AnyFilter<String>>,
    /// The start, or for runs that did not start when they are expected to.
    #[serde(default)]
    pub start_time: Option<TimeOrNullFilter>,
    #[serde(default)]
    pub end_time: Option<TimeOrNullFilter>,
    #[serde(default)]
    pub expected_start_time: Option<TimeFilter>,
    #[serde(default)]
    pub next_scheduled_start_time: Option<TimeFilter>,
    #[serde(default)]
    pub parent_flow_run_id: Option<ParentFlowRunFilter>,
    #[serde(default)]
    pub parent_task_run_id: Option<AnyOrNullFilter<TaskRunId>>,
    #[serde(default)]
    pub idempotency_key: Option<AnyOrNotFilter<String>>,
    #[serde(default)]
    pub created_by: Option<CreatedByFilter>,
}

/// The current state, by type and by name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowRunStateFilter {
    #[serde(default)]
    pub operator: Operator,
    #[serde(default)]
    pub r#type: Option<AnyOrNotFilter<StateType>>,
    #[serde(default)]
    pub name: Option<AnyOrNotFilter<String>>,
}

/// The run of the task that started this flow.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParentFlowRunFilter {
    #[serde(default)]
    pub operator: Operator,
    #[serde(default)]
    pub any_: Option<Vec<FlowRunId>>,
}

/// Who or what created the run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreatedByFilter {
    #[serde(default)]
    pub operator: Operator,
    #[serde(default)]
    pub id_: Option<Vec<Uuid>>,
    #[serde(default)]
    pub type_: Option<Vec<String>>,
    #[serde(default)]
    pub is_null_: Option<bool>,
}
