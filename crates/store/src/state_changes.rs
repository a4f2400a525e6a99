//! What state changes of flow runs and task runs share: facts, effects, slots, the event.
//!
//! A state is written in two places only: `flow_runs::commit_state` and `task_runs::commit_state` (and
//! `task_runs::record`, for task runs that clients govern themselves).

mod columns;
mod effects;
mod event;
mod leases;
mod limits;
mod related;
mod write_run;

pub(crate) use effects::{Scene, apply};
pub(crate) use event::Subject;
pub(crate) use leases::{exists as lease_exists, release as release_lease};
pub(crate) use limits::{give_back, lock as lock_limits, lock_named as lock_named_limits};
pub(crate) use related::Related;
pub(crate) use write_run::{RunChange, write_run};

use sluice_wire::orchestration_results::OrchestrationResult;

/// What became of a proposed state.
#[derive(Debug, Clone, PartialEq)]
pub struct StateChange {
    /// For the client.
    pub result: OrchestrationResult,
    /// Whether a state was written, the proposed one or another in its place.
    pub is_written: bool,
}
