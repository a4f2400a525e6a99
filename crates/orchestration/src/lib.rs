//! What happens when a run is asked to change its state: the rules of Prefect 3.8.8 as pure functions.
//!
//! A transition is decided in two steps, both without any I/O:
//!
//! 1. [`flow_run_needs`] / [`task_run_needs`] say which facts beyond the run and its current state the transition
//!    depends on. A run without deployment and tags needs none.
//! 2. [`decide_flow_run`] / [`decide_task_run`] take those facts and answer a [`Decision`]: the status for the
//!    client, the state to insert, the run's columns, and [`Effect`]s, which are plain data that the caller applies
//!    in the same transaction, in order.
//!
//! [`policies`] lists which rule runs when; every rule lives in a file of its own under [`rules`], every piece of
//! bookkeeping under [`transforms`], each with its table of cases. `docs/adding-a-rule.md` is the checklist.
//!
//! # How a caller uses it
//!
//! ```
//! # use sluice_orchestration::*;
//! # use sluice_wire::client_version::Client;
//! # use sluice_wire::ids::{FlowRunId, StateId};
//! # use sluice_wire::orchestration_results::SetStateStatus;
//! # use sluice_wire::states::{State, StateType};
//! # use sluice_wire::time::Timestamp;
//! # fn load(_needs: FlowNeeds) -> FlowFacts { FlowFacts::default() }
//! # let run = FlowRun::new(FlowRunId::random());
//! # let current: Option<State> = None;
//! # let now = Timestamp::from_micros(1_795_336_300_000_000);
//! # let proposed = State::new(StateType::Pending, StateId::sequential(), now);
//! // The caller has locked the run and read its current state (with its data).
//! let environment = Environment {
//!     now,
//!     client: Client::default(),       // from the request's headers; Client::INTERNAL for services
//!     settings: Settings::default(),
//!     dice: Dice::roll(0.42),          // ids and one random number, drawn beforehand
//! };
//! let transition = Transition { policy: FlowPolicy::for_request(false), run, initial: current, proposed };
//!
//! let facts = load(flow_run_needs(&transition, &environment));
//! let decision = decide_flow_run(transition, &facts, &environment);
//!
//! for effect in &decision.effects {
//!     // match effect { Effect::WriteResultArtifact { .. } => ..., Effect::AcquireSlots { .. } => ..., ... }
//!     let _ = effect;
//! }
//! if let Some(state) = &decision.state { /* insert it; set the run's state_id */ let _ = state; }
//! if let Some(run) = &decision.run { /* update the run's columns */ let _ = run; }
//! let answer = decision.into_result(); // what `set_state` answers
//! assert_eq!(answer.status, SetStateStatus::Accept);
//! ```
//!
//! **Architecture invariant:** this crate knows no clock, no randomness, no tokio, no axum and no database.

mod context;
mod decide;
mod effects;
mod environment;
mod facts;
mod needs;
pub mod poisson;
pub mod policies;
pub mod rules;
pub mod slots;
pub mod state_change_event;
#[cfg(test)]
mod testing;
pub mod transforms;
mod verdict;

pub use context::Context;
pub use decide::{Decision, FlowRunMissing, Transition, decide_flow_run, decide_task_run};
pub use effects::{Effect, LeaseHolder};
pub use environment::{Dice, Environment, Settings};
pub use facts::{
    CollisionStrategy, Deployment, FlowFacts, FlowRun, LegacyTagLimit, ParentFlowRun, RunColumns, TaskFacts,
    TaskLease, TaskRun,
};
pub use needs::{FlowNeeds, TaskNeeds, flow_run_needs, task_run_needs};
pub use policies::{FlowPolicy, TaskPolicy};
pub use verdict::Verdict;
