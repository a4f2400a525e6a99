//! What a decision asks of the store besides the state and the run: data, applied in order in one transaction.

use serde_json::Value;
use sluice_wire::ids::{ArtifactId, ConcurrencyLimitId, FlowRunId, LeaseId, StateId, TaskRunId};
use sluice_wire::states::State;
use sluice_wire::time::Timestamp;
use uuid::Uuid;

use crate::slots::SlotCounters;

/// One thing to do in the transaction of the transition.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Insert an artifact and set `result_artifact_id` of the state row to its id.
    WriteResultArtifact {
        /// The artifact's id.
        id: ArtifactId,
        /// The artifact's key, when the data named one.
        key: Option<String>,
        /// The artifact's type, when the data named one.
        r#type: Option<String>,
        /// The artifact's description, when the data named one.
        description: Option<String>,
        /// The artifact's data.
        data: Value,
        /// The run that it belongs to.
        flow_run_id: Option<FlowRunId>,
        /// The task run that it belongs to.
        task_run_id: Option<TaskRunId>,
    },
    /// Write the counters of a limit whose row was loaded and locked as a fact: slots were taken.
    AcquireSlots {
        /// The limit.
        limit_id: ConcurrencyLimitId,
        /// How many were taken.
        slots: i64,
        /// The counters after it.
        counters: SlotCounters,
    },
    /// Insert a lease row.
    CreateLease {
        /// The lease's id.
        id: LeaseId,
        /// The limits whose slots it holds.
        limit_ids: Vec<ConcurrencyLimitId>,
        /// How many slots of each.
        slots: i64,
        /// Who holds it.
        holder: LeaseHolder,
        /// When its slots may be taken back.
        expires_at: Timestamp,
    },
    /// Move the end of a lease that exists; nothing when it does not.
    RenewLease {
        /// The lease.
        id: LeaseId,
        /// When its slots may be taken back now.
        expires_at: Timestamp,
    },
    /// Delete the lease row and give its slots back to its limits ([`crate::slots::release`], no occupancy);
    /// nothing when the row is gone, because whoever took it away gave the slots back.
    ReleaseLease {
        /// The lease.
        id: LeaseId,
    },
    /// Give slots back to a limit that no lease holds ([`crate::slots::release`]).
    ReleaseSlots {
        /// The limit.
        limit_id: ConcurrencyLimitId,
        /// How many.
        slots: i64,
        /// How long they were held, when known: feeds the limit's average.
        occupancy_seconds: Option<f64>,
    },
    /// Add a holder to a limit of the older kind.
    HoldLegacyTagSlot {
        /// The limit.
        limit_id: Uuid,
        /// The new holder.
        task_run_id: TaskRunId,
    },
    /// Take a holder off a limit of the older kind.
    FreeLegacyTagSlot {
        /// The limit.
        limit_id: Uuid,
        /// The former holder.
        task_run_id: TaskRunId,
    },
    /// Put the event `prefect.flow-run.<state name>` into the outbox ([`crate::state_change_event`]).
    EmitFlowRunStateEvent,
    /// Propose a state to the task run that stands for this subflow in its parent, under
    /// [`crate::TaskPolicy::for_request`] with force.
    MirrorStateToParentTaskRun {
        /// The task run.
        task_run_id: TaskRunId,
        /// A copy of this run's new state.
        state: Box<State>,
    },
    /// For clients older than API 0.8.3: propose `AwaitingRetry` to each FAILED task run of the flow run, with
    /// force, then set its `run_count` to zero.
    ForceFailedTaskRunsToAwaitingRetry {
        /// The flow run.
        flow_run_id: FlowRunId,
        /// When they are due.
        scheduled_time: Timestamp,
    },
    /// Insert a row into the cache of task run states.
    InsertStateCache {
        /// The key.
        cache_key: String,
        /// Until when it is valid; forever when `None`.
        cache_expiration: Option<Timestamp>,
        /// The state to find under the key.
        state_id: StateId,
    },
    /// Put the task run into the queue that task workers read.
    EnqueueTaskRun {
        /// The task run.
        task_run_id: TaskRunId,
        /// Whether it goes to the queue of retries, which is served first.
        retry: bool,
    },
    /// When the run is still in this state at that time, cancel it.
    ScheduleCancellingTimeout {
        /// The flow run.
        flow_run_id: FlowRunId,
        /// The CANCELLING state.
        state_id: StateId,
        /// When to look.
        at: Timestamp,
    },
}

impl Effect {
    /// Whether the effect takes a slot that something must give back later.
    pub fn takes_a_slot(&self) -> bool {
        matches!(self, Self::AcquireSlots { .. } | Self::CreateLease { .. } | Self::HoldLegacyTagSlot { .. })
    }
}

/// Who holds a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeaseHolder {
    /// A flow run holds a slot of its deployment.
    FlowRun(FlowRunId),
    /// A task run holds slots of its tags.
    TaskRun(TaskRunId),
}
