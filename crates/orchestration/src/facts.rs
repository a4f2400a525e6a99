//! What rules may look at: the run itself, and what the store loads when a rule asks for it.

use sluice_wire::ids::{DeploymentId, FlowRunId, LeaseId, TaskRunId};
use sluice_wire::run_policies::{FlowRunPolicy, TaskRunPolicy};
use sluice_wire::states::{State, StateType};
use sluice_wire::time::{TimeDelta, Timestamp};
use uuid::Uuid;

use crate::slots::ConcurrencyLimit;

/// The columns of a flow run that rules read or write.
#[derive(Debug, Clone, PartialEq)]
pub struct FlowRun {
    /// Its id.
    pub id: FlowRunId,
    /// The deployment it was created from.
    pub deployment_id: Option<DeploymentId>,
    /// The task run that stands for it in its parent, when it is a subflow.
    pub parent_task_run_id: Option<TaskRunId>,
    /// Where it runs; empty counts as nowhere.
    pub infrastructure_pid: Option<String>,
    /// How often it was handed out again because its claim had died.
    pub hand_outs: i64,
    /// Retries and pauses.
    pub empirical_policy: FlowRunPolicy,
    /// What task runs have too.
    pub columns: RunColumns,
}

impl FlowRun {
    /// A run that has never had a state.
    pub fn new(id: FlowRunId) -> Self {
        Self {
            id,
            deployment_id: None,
            parent_task_run_id: None,
            infrastructure_pid: None,
            hand_outs: 0,
            empirical_policy: FlowRunPolicy::default(),
            columns: RunColumns::default(),
        }
    }
}

/// The columns of a task run that rules read or write.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskRun {
    /// Its id.
    pub id: TaskRunId,
    /// The flow run it belongs to; background tasks may have none.
    pub flow_run_id: Option<FlowRunId>,
    /// Each may carry a concurrency limit.
    pub tags: Vec<String>,
    /// Retries.
    pub empirical_policy: TaskRunPolicy,
    /// The attempt of the flow run in which the task run last ran.
    pub flow_run_run_count: i64,
    /// What flow runs have too.
    pub columns: RunColumns,
}

impl TaskRun {
    /// A run that has never had a state.
    pub fn new(id: TaskRunId) -> Self {
        Self {
            id,
            flow_run_id: None,
            tags: Vec::new(),
            empirical_policy: TaskRunPolicy::default(),
            flow_run_run_count: 0,
            columns: RunColumns::default(),
        }
    }
}

/// The columns that flow runs and task runs share and that every state change keeps.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunColumns {
    /// Type of the current state.
    pub state_type: Option<StateType>,
    /// Name of the current state.
    pub state_name: Option<String>,
    /// Time of the current state.
    pub state_timestamp: Option<Timestamp>,
    /// How often the run has started.
    pub run_count: i64,
    /// When it first started.
    pub start_time: Option<Timestamp>,
    /// When it ended; none while it is not over.
    pub end_time: Option<Timestamp>,
    /// Time spent RUNNING, without the current stretch.
    pub total_run_time: TimeDelta,
    /// When it was first meant to start.
    pub expected_start_time: Option<Timestamp>,
    /// When it is due; none unless SCHEDULED.
    pub next_scheduled_start_time: Option<Timestamp>,
}

/// What rules for flow runs may ask for with [`crate::flow_run_needs`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FlowFacts {
    /// The run's deployment. `None` when it was not asked for, and when it is gone.
    pub deployment: Option<Deployment>,
    /// Whether the lease that the current state names still exists (expired or not: a slot is held until the lease
    /// row goes).
    pub lease_exists: bool,
    /// The times of the run's states that [`crate::FlowNeeds::state_timestamps_from`] asked for.
    pub state_timestamps: Vec<Timestamp>,
}

/// What rules want to know of a deployment.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployment {
    /// Its concurrency limit, locked for this transaction; `None` when it has none.
    pub concurrency_limit: Option<ConcurrencyLimit>,
    /// `concurrency_options.collision_strategy`.
    pub collision_strategy: CollisionStrategy,
    /// `concurrency_options.grace_period_seconds`: how long a slot is held for infrastructure to start.
    pub grace_period: Option<TimeDelta>,
}

/// What becomes of a run when its deployment's concurrency limit is full.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CollisionStrategy {
    /// It waits.
    #[default]
    Enqueue,
    /// It is cancelled.
    CancelNew,
}

/// What rules for task runs may ask for with [`crate::task_run_needs`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TaskFacts {
    /// The flow run that the task run belongs to. `None` when it was not asked for, and when it is gone.
    pub flow_run: Option<ParentFlowRun>,
    /// The limits named `tag:<tag>` of the run's tags, active or not, locked, ordered by name.
    pub tag_limits: Vec<ConcurrencyLimit>,
    /// The limits of the older kind on the run's tags, locked, ordered by tag.
    pub legacy_tag_limits: Vec<LegacyTagLimit>,
    /// The leases whose holder is this task run.
    pub leases: Vec<TaskLease>,
    /// The state in the cache under the key asked for: the newest that has not expired, with its data.
    pub cached_state: Option<State>,
}

/// What rules want to know of the flow run that a task run belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct ParentFlowRun {
    /// Its id.
    pub id: FlowRunId,
    /// Its current state.
    pub state: Option<State>,
    /// How often it has started.
    pub run_count: i64,
}

/// A concurrency limit of the older kind: a tag and the task runs that hold its slots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegacyTagLimit {
    /// Its id.
    pub id: Uuid,
    /// The tag.
    pub tag: String,
    /// How many task runs may hold a slot.
    pub limit: i64,
    /// Who holds one.
    pub holders: Vec<TaskRunId>,
}

/// A lease that a task run holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskLease {
    /// Its id.
    pub id: LeaseId,
    /// The limits whose slots it holds.
    pub limit_ids: Vec<sluice_wire::ids::ConcurrencyLimitId>,
}
