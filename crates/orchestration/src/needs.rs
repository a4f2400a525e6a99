//! Which facts the store must load before a transition can be decided.

use sluice_wire::ids::{DeploymentId, FlowRunId, LeaseId, TaskRunId};
use sluice_wire::time::Timestamp;

use crate::context::Run;
use crate::decide::Transition;
use crate::environment::Environment;
use crate::facts::{FlowRun, TaskRun};
use crate::policies::{FlowPolicy, Step, TaskPolicy};

/// Which facts a flow run's transition depends on; nothing by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FlowNeeds {
    /// Load this deployment, with the row of its concurrency limit locked.
    pub deployment: Option<DeploymentId>,
    /// See whether this lease exists, with its row locked.
    pub lease: Option<LeaseId>,
    /// Load the times of the run's states from this one on.
    pub state_timestamps_from: Option<Timestamp>,
}

/// Which facts a task run's transition depends on; nothing by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskNeeds {
    /// Load this flow run: its current state and its `run_count`.
    pub flow_run: Option<FlowRunId>,
    /// Load the limits on the run's tags, of both kinds, with their rows locked in the order of their names.
    pub tag_limits: bool,
    /// Load the leases that this task run holds.
    pub leases_of: Option<TaskRunId>,
    /// Load the newest unexpired state under this cache key.
    pub cached_state: Option<String>,
}

/// The facts that a flow run's transition depends on.
pub fn flow_run_needs(transition: &Transition<FlowRun, FlowPolicy>, environment: &Environment) -> FlowNeeds {
    collect(transition.policy.steps(), FlowPolicy::global_steps(), transition, environment)
}

/// The facts that a task run's transition depends on.
pub fn task_run_needs(transition: &Transition<TaskRun, TaskPolicy>, environment: &Environment) -> TaskNeeds {
    collect(transition.policy.steps(), TaskPolicy::global_steps(), transition, environment)
}

/// What one rule may look at to say which facts it needs.
pub struct Question<'a, R> {
    /// The run.
    pub run: &'a R,
    /// Its current state.
    pub initial: Option<&'a sluice_wire::states::State>,
    /// The state proposed by the client; rules may put another in its place.
    pub proposed: &'a sluice_wire::states::State,
    /// Time, client, settings.
    pub environment: &'a Environment,
}

fn collect<R: Run, P>(
    steps: &[Step<R>],
    global_steps: &[Step<R>],
    transition: &Transition<R, P>,
    environment: &Environment,
) -> R::Needs {
    let question = Question {
        run: &transition.run,
        initial: transition.initial.as_ref(),
        proposed: &transition.proposed,
        environment,
    };
    let (from, to) = (question.initial.map(|state| state.r#type), Some(question.proposed.r#type));
    let mut needs = R::Needs::default();
    for step in steps.iter().chain(global_steps).filter(|step| step.governs(from, to)) {
        (step.needs)(&question, &mut needs);
    }
    needs
}
