//! The bodies of `/filter`, `/count` and `/paginate`, and the answer of the latter.

use serde::{Deserialize, Deserializer, Serialize, de};

use super::{DeploymentFilter, FlowFilter, FlowRunFilter, TaskRunFilter, WorkPoolFilter, WorkQueueFilter};

/// Filters of an object and of what belongs to it. Each route looks at those that make sense for it. A filter
/// that is there without criteria still asks for a related object to exist.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct RelatedFilters {
    pub flows: Option<FlowFilter>,
    pub flow_runs: Option<FlowRunFilter>,
    pub task_runs: Option<TaskRunFilter>,
    pub deployments: Option<DeploymentFilter>,
    pub work_pools: Option<WorkPoolFilter>,
    pub work_pool_queues: Option<WorkQueueFilter>,
}

/// Which part of the found objects is asked for. `/filter` reads `offset`, `/paginate` reads `page`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// None: as many as the server gives at most.
    pub limit: Option<i64>,
    /// How many objects to pass over.
    pub offset: i64,
    /// Counted from 1.
    pub page: i64,
}

/// Body of `/filter`, `/count` and `/paginate`: keys that it does not know are ignored, a key that is null is as
/// if it were left out.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(from = "Fields<S>", bound(deserialize = "S: Deserialize<'de> + Default"))]
pub struct FilterRequest<S> {
    pub filters: RelatedFilters,
    pub sort: S,
    pub page: Page,
}

#[derive(Deserialize)]
struct Fields<S> {
    #[serde(default)]
    flows: Option<FlowFilter>,
    #[serde(default)]
    flow_runs: Option<FlowRunFilter>,
    #[serde(default)]
    task_runs: Option<TaskRunFilter>,
    #[serde(default)]
    deployments: Option<DeploymentFilter>,
    #[serde(default)]
    work_pools: Option<WorkPoolFilter>,
    #[serde(default)]
    work_pool_queues: Option<WorkQueueFilter>,
    #[serde(default = "none")]
    sort: Option<S>,
    #[serde(default)]
    limit: Option<i64>,
    #[serde(default, deserialize_with = "at_least::<0, _>")]
    offset: Option<i64>,
    #[serde(default, deserialize_with = "at_least::<1, _>")]
    page: Option<i64>,
}

fn none<T>() -> Option<T> {
    None
}

impl<S: Default> From<Fields<S>> for FilterRequest<S> {
    fn from(fields: Fields<S>) -> Self {
        Self {
            filters: RelatedFilters {
                flows: fields.flows,
                flow_runs: fields.flow_runs,
                task_runs: fields.task_runs,
                deployments: fields.deployments,
                work_pools: fields.work_pools,
                work_pool_queues: fields.work_pool_queues,
            },
            sort: fields.sort.unwrap_or_default(),
            page: Page {
                limit: fields.limit,
                offset: fields.offset.unwrap_or(0),
                page: fields.page.unwrap_or(1),
            },
        }
    }
}

/// Body of routes that have a page and nothing to filter by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(from = "PageFields")]
pub struct PageRequest(pub Page);

#[derive(Deserialize)]
struct PageFields {
    #[serde(default)]
    limit: Option<i64>,
    #[serde(default, deserialize_with = "at_least::<0, _>")]
    offset: Option<i64>,
}

impl From<PageFields> for PageRequest {
    fn from(fields: PageFields) -> Self {
        Self(Page { limit: fields.limit, offset: fields.offset.unwrap_or(0), page: 1 })
    }
}

/// Body of the routes of artifacts (`F` is [`super::ArtifactFilter`]) and of their newest of each key
/// ([`super::ArtifactCollectionFilter`]).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(
    from = "ArtifactFields<F, S>",
    bound(deserialize = "F: Deserialize<'de>, S: Deserialize<'de> + Default")
)]
pub struct ArtifactFilterRequest<F, S> {
    pub artifacts: Option<F>,
    pub related: RelatedFilters,
    pub sort: S,
    pub page: Page,
}

#[derive(Deserialize)]
struct ArtifactFields<F, S> {
    #[serde(default = "none")]
    artifacts: Option<F>,
    #[serde(default)]
    flows: Option<FlowFilter>,
    #[serde(default)]
    flow_runs: Option<FlowRunFilter>,
    #[serde(default)]
    task_runs: Option<TaskRunFilter>,
    #[serde(default)]
    deployments: Option<DeploymentFilter>,
    #[serde(default = "none")]
    sort: Option<S>,
    #[serde(default)]
    limit: Option<i64>,
    #[serde(default, deserialize_with = "at_least::<0, _>")]
    offset: Option<i64>,
}

impl<F, S: Default> From<ArtifactFields<F, S>> for ArtifactFilterRequest<F, S> {
    fn from(fields: ArtifactFields<F, S>) -> Self {
        Self {
            artifacts: fields.artifacts,
            related: RelatedFilters {
                flows: fields.flows,
                flow_runs: fields.flow_runs,
                task_runs: fields.task_runs,
                deployments: fields.deployments,
                ..RelatedFilters::default()
            },
            sort: fields.sort.unwrap_or_default(),
            page: Page { limit: fields.limit, offset: fields.offset.unwrap_or(0), page: 1 },
        }
    }
}

/// Reads an integer that has a lower bound, or null.
pub(crate) fn at_least<'de, const LEAST: i64, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<i64>, D::Error> {
    let number = Option::<i64>::deserialize(deserializer)?;
    if number.is_some_and(|number| number < LEAST) {
        return Err(de::Error::custom(format!(
            "[greater_than_equal] Input should be greater than or equal to {LEAST}"
        )));
    }
    Ok(number)
}

/// Answer of `/paginate`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Paginated<T> {
    pub results: Vec<T>,
    pub count: i64,
    pub limit: i64,
    pub pages: i64,
    pub page: i64,
}

impl<T> Paginated<T> {
    /// One page of `count` objects. No limit, no pages.
    pub fn new(results: Vec<T>, count: i64, limit: i64, page: i64) -> Self {
        let pages = if limit > 0 { (count + limit - 1) / limit } else { 0 };
        Self { results, count, limit, pages, page }
    }
}
