use serde::{Deserialize, Serialize};

use super::{AnyFilter, NameFilter, Operator, TagsFilter, TimeFilter, TimeOrNullFilter};
use crate::ids::{FlowRunId, TaskRunId};
use crate::states::StateType;

/// Which task runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskRunFilter {
    #[serde(default)]
    pub operator: Operator,
    #[serde(default)]
    pub id: Option<AnyFilter<TaskRunId>>,
    #[serde(default)]
    pub name: Option<NameFilter>,
    #[serde(default)]
    pub tags: Option<TagsFilter>,
    #[serde(default)]
    pub state: Option<TaskRunStateFilter>,
    #[serde(default)]
    pub start_time: Option<TimeOrNullFilter>,
    #[serde(default)]
    pub end_time: Option<TimeOrNullFilter>,
    #[serde(default)]
    pub expected_start_time: Option<TimeFilter>,
    #[serde(default)]
    pub subflow_runs: Option<SubflowRunsFilter>,
    #[serde(default)]
    pub flow_run_id: Option<TaskRunFlowRunFilter>,
}

/// The current state, by type and by name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskRunStateFilter {
    #[serde(default)]
    pub operator: Operator,
    #[serde(default)]
    pub r#type: Option<AnyFilter<StateType>>,
    #[serde(default)]
    pub name: Option<AnyFilter<String>>,
}

/// Whether the task stands for the run of a subflow.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubflowRunsFilter {
    #[serde(default)]
    pub exists_: Option<bool>,
}

/// The flow run of the task run. Without a list, `false` (the default) asks for task runs of any flow run and
/// `true` for task runs of none; `true` beside a list leaves the list aside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskRunFlowRunFilter {
    #[serde(default)]
    pub operator: Operator,
    #[serde(default)]
    pub any_: Option<Vec<FlowRunId>>,
    #[serde(default = "not_null")]
    pub is_null_: Option<bool>,
}

#[expect(clippy::unnecessary_wraps, reason = "the type of the field")]
fn not_null() -> Option<bool> {
    Some(false)
}

impl Default for TaskRunFlowRunFilter {
    fn default() -> Self {
        Self { operator: Operator::And, any_: None, is_null_: not_null() }
    }
}
