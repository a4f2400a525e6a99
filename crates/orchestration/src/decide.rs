//! Runs the rules of a policy over a transition.
//!
//! The reference enters its rules as nested contexts: every rule speaks before the state is written, from the first
//! to the last; afterwards, from the last to the first, a rule does its work *after* the transition, or *cleans up*
//! when another rule changed the transition under it. This module keeps that order and those conditions
//! (wire-protocol 2.1) without the nesting:
//!
//! - Only rules whose FROM and TO contain the intended transition take part.
//! - A rule is skipped when an earlier rule has changed the type of the proposed state.
//! - A rule that changed the proposed state itself is measured against its own change: when its TO no longer
//!   contains that type, it does nothing afterwards; otherwise it goes on as if nothing had happened.
//! - A rule that spoke, and whose transition was changed by a later one, cleans up instead.
//! - Transforms take part in every transition; what they do when nothing is written is up to each.

use serde_json::Value;
use sluice_wire::ids::{FlowRunId, TaskRunId};
use sluice_wire::orchestration_results::{OrchestrationResult, SetStateStatus, StateResponseDetails};
use sluice_wire::states::{State, StateType};

use crate::context::{Context, Run};
use crate::effects::Effect;
use crate::environment::Environment;
use crate::facts::{FlowFacts, FlowRun, TaskFacts, TaskRun};
use crate::policies::{FlowPolicy, Kind, Step, TaskPolicy};
use crate::verdict::Verdict;

/// A run is asked to change its state.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition<R, P> {
    /// Which rules govern it.
    pub policy: P,
    /// The run, locked, as stored.
    pub run: R,
    /// Its current state with its data; `None` before its first.
    pub initial: Option<State>,
    /// The state that is asked for.
    pub proposed: State,
}

/// What becomes of a transition.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision<R> {
    /// For the client.
    pub status: SetStateStatus,
    /// For the client.
    pub details: StateResponseDetails,
    /// The state to insert; `None` when the run stays in [`Decision::current`].
    pub state: Option<State>,
    /// The state in which the run was.
    pub current: Option<State>,
    /// The run's columns to write (besides `state_id`, which is that of [`Decision::state`]); `None` when no column
    /// changed. Columns may change without a new state.
    pub run: Option<R>,
    /// What else to do in the same transaction, in this order.
    pub effects: Vec<Effect>,
}

impl<R> Decision<R> {
    /// The answer of `set_state`.
    pub fn into_result(self) -> OrchestrationResult {
        OrchestrationResult { state: self.state.or(self.current), status: self.status, details: self.details }
    }
}

/// The flow run that a task run belongs to is gone: answered 404 with this text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "Unable to read flow run associated with task run: {task_run_id}, this flow run might have been deleted"
)]
pub struct FlowRunMissing {
    /// The task run.
    pub task_run_id: TaskRunId,
}

/// Decides a flow run's transition. `facts` are those that [`crate::flow_run_needs`] asked for.
pub fn decide_flow_run(
    transition: Transition<FlowRun, FlowPolicy>,
    facts: &FlowFacts,
    environment: &Environment,
) -> Decision<FlowRun> {
    let flow_run_id = transition.run.id;
    let steps = transition.policy.steps();
    let mut decision = decide(
        steps,
        FlowPolicy::global_steps(),
        transition,
        facts,
        environment,
        Owner::FlowRun(flow_run_id),
    )
    .0;
    if let (SetStateStatus::Accept, Some(state), Some(timeout)) =
        (decision.status, &decision.state, environment.settings.cancelling_timeout)
        && state.r#type == StateType::Cancelling
    {
        decision.effects.push(Effect::ScheduleCancellingTimeout {
            flow_run_id,
            state_id: state.id,
            at: state.timestamp + timeout,
        });
    }
    decision
}

/// Decides a task run's transition. `facts` are those that [`crate::task_run_needs`] asked for.
///
/// # Errors
/// When the task run starts and its flow run is gone.
pub fn decide_task_run(
    transition: Transition<TaskRun, TaskPolicy>,
    facts: &TaskFacts,
    environment: &Environment,
) -> Result<Decision<TaskRun>, FlowRunMissing> {
    let task_run_id = transition.run.id;
    let owner = Owner::TaskRun(task_run_id, transition.run.flow_run_id);
    let steps = transition.policy.steps();
    let (decision, flow_run_missing) =
        decide(steps, TaskPolicy::global_steps(), transition, facts, environment, owner);
    if flow_run_missing { Err(FlowRunMissing { task_run_id }) } else { Ok(decision) }
}

/// Whose result a state's data is.
#[derive(Clone, Copy)]
pub(crate) enum Owner {
    FlowRun(FlowRunId),
    TaskRun(TaskRunId, Option<FlowRunId>),
}

/// A rule that took part, and what it thinks the transition is.
struct Entered<'s, R: Run> {
    step: &'s Step<R>,
    /// Whether it spoke.
    valid: bool,
    /// The type to which it means to lead: the intended one, or that of its own replacement.
    to: Option<StateType>,
}

pub(crate) fn decide<R: Run, P>(
    steps: &[Step<R>],
    global_steps: &[Step<R>],
    transition: Transition<R, P>,
    facts: &R::Facts,
    environment: &Environment,
    owner: Owner,
) -> (Decision<R>, bool) {
    let Transition { run: original, initial, proposed, .. } = transition;
    let from = initial.as_ref().map(|state| state.r#type);
    let to = Some(proposed.r#type);
    let mut context = Context::new(initial.as_ref(), proposed, &original, facts, environment);

    let mut entered = Vec::with_capacity(steps.len() + global_steps.len());
    for step in steps.iter().chain(global_steps).filter(|step| step.governs(from, to)) {
        context.enter(step.name);
        entered.push(enter(step, &mut context, to));
    }
    detach_result(&mut context, owner);
    while let Some(rule) = entered.pop() {
        context.enter(rule.step.name);
        leave(&rule, &mut context);
    }

    let flow_run_missing = context.flow_run_missing;
    let (status, details) = (context.status, context.details.clone());
    let state = context.proposed.take();
    let run = (context.run != original).then(|| context.run.clone());
    let effects = context.into_effects();
    (Decision { status, details, state, current: initial, run, effects }, flow_run_missing)
}

fn enter<'s, R: Run>(
    step: &'s Step<R>,
    context: &mut Context<'_, R>,
    to: Option<StateType>,
) -> Entered<'s, R> {
    match step.kind {
        Kind::Transform { before, .. } => {
            before(context);
            Entered { step, valid: true, to }
        }
        Kind::Rule { .. } if context.proposed_type() != to => Entered { step, valid: false, to },
        Kind::Rule { before, .. } => {
            let verdict = before(context);
            let to = apply(verdict, context, to);
            Entered { step, valid: true, to }
        }
    }
}

/// Applies a verdict; answers the type to which the rule means to lead.
fn apply<R: Run>(
    verdict: Verdict,
    context: &mut Context<'_, R>,
    intended: Option<StateType>,
) -> Option<StateType> {
    let (status, details, proposed) = match verdict {
        Verdict::Proceed => return intended,
        Verdict::Reject { state, reason } => {
            let details = StateResponseDetails::Reject { reason: Some(reason) };
            (SetStateStatus::Reject, details, state.map(|state| *state))
        }
        Verdict::Wait { delay_seconds, reason } => {
            let details = StateResponseDetails::Wait { delay_seconds, reason: Some(reason) };
            (SetStateStatus::Wait, details, None)
        }
        Verdict::Abort { reason } => {
            (SetStateStatus::Abort, StateResponseDetails::Abort { reason: Some(reason) }, None)
        }
    };
    context.status = status;
    context.details = details;
    context.proposed = proposed;
    context.proposed_type()
}

fn leave<R: Run>(rule: &Entered<'_, R>, context: &mut Context<'_, R>) {
    match rule.step.kind {
        Kind::Transform { after, .. } => after(context),
        Kind::Rule { .. } if !rule.valid || !rule.step.to.contains(rule.to) => {}
        Kind::Rule { cleanup, .. } if rule.to != context.proposed_type() => cleanup(context),
        Kind::Rule { after, .. } => after(context),
    }
}

/// Data that is not `{"type":"unpersisted"}` goes into an artifact, named by keys that the data may bring along.
fn detach_result<R: Run>(context: &mut Context<'_, R>, owner: Owner) {
    let Some(state) = &mut context.proposed else { return };
    let Some(data) = &mut state.data else { return };
    let (mut key, mut artifact_type, mut description) = (None, None, None);
    if let Value::Object(fields) = data {
        if fields.get("type").and_then(Value::as_str) == Some("unpersisted") {
            return;
        }
        let mut take = |name: &str| match fields.shift_remove(name) {
            Some(Value::String(text)) if !text.is_empty() => Some(text),
            _ => None,
        };
        key = take("artifact_key");
        artifact_type = take("artifact_type");
        description = take("artifact_description");
    }
    let (flow_run_id, task_run_id) = match owner {
        Owner::FlowRun(flow_run_id) => (Some(flow_run_id), None),
        Owner::TaskRun(task_run_id, flow_run_id) => (flow_run_id, Some(task_run_id)),
    };
    let effect = Effect::WriteResultArtifact {
        id: context.environment.dice.artifact_id,
        key,
        r#type: artifact_type,
        description,
        data: data.clone(),
        flow_run_id,
        task_run_id,
    };
    context.enter("");
    context.effect(effect);
}
