//! Filters: which objects a request is about. A filter of one object is a group of criteria; every level but the
//! outermost body refuses unknown keys.
//!
//! The small shapes that criteria are made of stand here, one file a filtered object beside.

mod artifact_collections;
mod artifacts;
mod automations;
mod block_documents;
mod block_schemas;
mod block_types;
mod deployment_schedules;
mod deployments;
mod flow_runs;
mod flows;
mod logs;
mod request;
mod task_runs;
mod variables;
mod work_pools;
mod work_queues;
mod workers;

pub use artifact_collections::ArtifactCollectionFilter;
pub use artifacts::{ArtifactFilter, KeyFilter};
pub use automations::{AutomationFilter, CreatedBeforeFilter};
pub use block_documents::BlockDocumentFilter;
pub use block_schemas::{BlockCapabilityFilter, BlockSchemaFilter};
pub use block_types::BlockTypeFilter;
pub use deployment_schedules::DeploymentScheduleFilter;
pub use deployments::{DeploymentFilter, DeprecatedConcurrencyLimitFilter, LikeFilter};
pub use flow_runs::{CreatedByFilter, FlowRunFilter, FlowRunStateFilter, ParentFlowRunFilter};
pub use flows::{FlowDeploymentFilter, FlowFilter};
pub use logs::{LevelFilter, LogFilter};
pub(crate) use request::at_least;
pub use request::{ArtifactFilterRequest, FilterRequest, Page, PageRequest, Paginated, RelatedFilters};
pub use task_runs::{SubflowRunsFilter, TaskRunFilter, TaskRunFlowRunFilter, TaskRunStateFilter};
pub use variables::VariableFilter;
pub use work_pools::WorkPoolFilter;
pub use work_queues::{WorkQueueFilter, WorkQueueNameFilter};
pub use workers::{WorkerFilter, WorkerStatusTerm};

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// How the criteria of a group are combined.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operator {
    /// All must hold.
    #[default]
    #[serde(rename = "and_")]
    And,
    /// One must hold.
    #[serde(rename = "or_")]
    Or,
}

/// The value is one of a list; an empty list matches nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnyFilter<T> {
    #[serde(default = "none")]
    pub any_: Option<Vec<T>>,
}

/// The value is one of a list, and none of another; an empty `not_any_` excludes nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnyOrNotFilter<T> {
    #[serde(default = "none")]
    pub any_: Option<Vec<T>>,
    #[serde(default = "none")]
    pub not_any_: Option<Vec<T>>,
}

/// The value is one of a list, or is (not) null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnyOrNullFilter<T> {
    #[serde(default)]
    pub operator: Operator,
    #[serde(default = "none")]
    pub any_: Option<Vec<T>>,
    #[serde(default = "none")]
    pub is_null_: Option<bool>,
}

/// As [`AnyOrNullFilter`], always combined with "and".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnyAndNullFilter<T> {
    #[serde(default = "none")]
    pub any_: Option<Vec<T>>,
    #[serde(default = "none")]
    pub is_null_: Option<bool>,
}

macro_rules! empty_by_default {
    ($($name:ident { $($field:ident),+ }),+ $(,)?) => {$(
        impl<T> Default for $name<T> {
            fn default() -> Self {
                Self { $($field: Default::default()),+ }
            }
        }
    )+};
}

empty_by_default! {
    AnyFilter { any_ },
    AnyOrNotFilter { any_, not_any_ },
    AnyOrNullFilter { operator, any_, is_null_ },
    AnyAndNullFilter { any_, is_null_ },
}

fn none<T>() -> Option<T> {
    None
}

/// The name is one of a list, or contains a text. `%` and `_` in the text stand for any characters; upper and
/// lower case are the same; an empty text matches everything.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameFilter {
    #[serde(default)]
    pub any_: Option<Vec<String>>,
    #[serde(default)]
    pub like_: Option<String>,
}

/// The tags contain all of a list, or there are none. An empty `all_` matches everything.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagsFilter {
    #[serde(default)]
    pub operator: Operator,
    #[serde(default)]
    pub all_: Option<Vec<String>>,
    #[serde(default)]
    pub is_null_: Option<bool>,
}

/// As [`TagsFilter`], and one of a list; an empty `any_` matches nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnyTagsFilter {
    #[serde(default)]
    pub operator: Operator,
    #[serde(default)]
    pub all_: Option<Vec<String>>,
    #[serde(default)]
    pub any_: Option<Vec<String>>,
    #[serde(default)]
    pub is_null_: Option<bool>,
}

/// The time lies in a range; both ends belong to it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeFilter {
    #[serde(default)]
    pub before_: Option<Timestamp>,
    #[serde(default)]
    pub after_: Option<Timestamp>,
}

/// As [`TimeFilter`], and the time is (not) known.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeOrNullFilter {
    #[serde(default)]
    pub before_: Option<Timestamp>,
    #[serde(default)]
    pub after_: Option<Timestamp>,
    #[serde(default)]
    pub is_null_: Option<bool>,
}

/// The truth value is this one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EqualFilter {
    #[serde(default)]
    pub eq_: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::{FilterRequest, FlowRunFilter, Operator};
    use crate::sorting::FlowRunSort;

    #[test]
    fn unknown_keys_are_refused_inside_filters_and_ignored_beside_them() {
        let cases = [
            (r#"{"name":{"any_":["a"]}}"#, true),
            (r#"{"name":{"any":["a"]}}"#, false),
            (r#"{"names":{}}"#, false),
            (r#"{"operator":"or_","state":{"type":{"any_":["RUNNING"]}}}"#, true),
            (r#"{"state":{"type":{"any_":["Running"]}}}"#, false),
            (r#"{"tags":{"operator":"and"}}"#, false),
        ];
        for (text, is_valid) in cases {
            assert_eq!(serde_json::from_str::<FlowRunFilter>(text).is_ok(), is_valid, "{text}");
        }
        let request: FilterRequest<FlowRunSort> =
            serde_json::from_str(r#"{"something":1,"flow_runs":{"operator":"or_"},"sort":null}"#)
                .expect("valid");
        assert_eq!(request.filters.flow_runs.map(|filter| filter.operator), Some(Operator::Or));
        assert_eq!(request.sort, FlowRunSort::IdDesc);
        assert_eq!((request.page.limit, request.page.offset, request.page.page), (None, 0, 1));
    }

    #[test]
    fn pages_begin_at_one_and_offsets_at_zero() {
        for text in [r#"{"offset":-1}"#, r#"{"page":0}"#] {
            assert!(serde_json::from_str::<FilterRequest<FlowRunSort>>(text).is_err(), "{text}");
        }
    }
}
