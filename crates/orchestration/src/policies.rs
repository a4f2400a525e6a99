//! The ordered lists: which rules and transforms govern a transition (wire-protocol 2.2 to 2.5).
//!
//! To follow a transition, read the list from the top: every step speaks before the state is written; the last steps
//! are the innermost.

use sluice_wire::states::{State, StateType};

use crate::context::{Context, Run};
use crate::facts::{FlowRun, TaskRun};
use crate::needs::Question;
use crate::rules::*;
use crate::transforms::*;
use crate::verdict::Verdict;

/// Which rules govern a flow run's transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlowPolicy {
    /// What clients propose.
    Core,
    /// What is forced, and what the server does by itself: not a bypass, but little.
    Minimal,
    /// What the service that looks for late runs proposes.
    MarkLateRuns,
}

impl FlowPolicy {
    /// The policy for a proposal over the API.
    pub fn for_request(force: bool) -> Self {
        if force { Self::Minimal } else { Self::Core }
    }

    pub(crate) fn steps(self) -> &'static [Step<FlowRun>] {
        match self {
            Self::Core => &CORE_FLOW_POLICY,
            Self::Minimal => &MINIMAL_FLOW_POLICY,
            Self::MarkLateRuns => &MARK_LATE_RUNS_POLICY,
        }
    }

    pub(crate) fn global_steps() -> &'static [Step<FlowRun>] {
        &GLOBAL_FLOW_POLICY
    }
}

/// Which rules govern a task run's transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskPolicy {
    /// What clients propose.
    Core,
    /// What is forced, and what the server does by itself.
    Minimal,
    /// What is proposed to a task run that a task worker runs.
    Background,
}

impl TaskPolicy {
    /// The policy for a proposal: that of background tasks when the state says so, even when forced.
    pub fn for_request(force: bool, proposed: &State) -> Self {
        if proposed.state_details.deferred == Some(true) {
            Self::Background
        } else if force {
            Self::Minimal
        } else {
            Self::Core
        }
    }

    pub(crate) fn steps(self) -> &'static [Step<TaskRun>] {
        match self {
            Self::Core => &CORE_TASK_POLICY,
            Self::Minimal => &MINIMAL_TASK_POLICY,
            Self::Background => &BACKGROUND_TASK_POLICY,
        }
    }

    pub(crate) fn global_steps() -> &'static [Step<TaskRun>] {
        &GLOBAL_TASK_POLICY
    }
}

static CORE_FLOW_POLICY: [Step<FlowRun>; 18] = [
    Step::transform::<PreserveDeploymentConcurrencyLeaseId>(),
    Step::rule::<PreventDuplicateTransitions>(),
    Step::rule::<BeginHandedOutRunsOnce>(),
    Step::rule::<HandleFlowTerminalStateTransitions>(),
    Step::rule::<EnforceCancellingToCancelledTransition>(),
    Step::rule::<BypassCancellingFlowRunsWithNoInfra>(),
    Step::rule::<PreventPendingTransitions>(),
    Step::rule::<ValidateDeploymentConcurrencyAtRunning>(),
    Step::rule::<SecureFlowConcurrencySlots>(),
    Step::rule::<RemoveDeploymentConcurrencyLeaseForOldClientVersions>(),
    Step::rule::<EnsureOnlyScheduledFlowsMarkedLate>(),
    Step::rule::<HandlePausingFlows>(),
    Step::rule::<HandleResumingPausedFlows>(),
    Step::rule::<CopyScheduledTime>(),
    Step::rule::<WaitForScheduledTime>(),
    Step::rule::<RetryFailedFlows>(),
    Step::transform::<InstrumentFlowRunStateTransitions>(),
    Step::transform::<ReleaseFlowConcurrencySlots>(),
];

static MINIMAL_FLOW_POLICY: [Step<FlowRun>; 4] = [
    Step::rule::<PreventResultDataLoss>(),
    Step::rule::<BypassCancellingFlowRunsWithNoInfra>(),
    Step::transform::<InstrumentFlowRunStateTransitions>(),
    Step::transform::<ReleaseFlowConcurrencySlots>(),
];

static MARK_LATE_RUNS_POLICY: [Step<FlowRun>; 3] = [
    Step::rule::<EnsureOnlyScheduledFlowsMarkedLate>(),
    Step::rule::<EnforceDeploymentConcurrencyOnLate>(),
    Step::transform::<InstrumentFlowRunStateTransitions>(),
];

static CORE_TASK_POLICY: [Step<TaskRun>; 11] = [
    Step::rule::<CacheRetrieval>(),
    Step::rule::<HandleTaskTerminalStateTransitions>(),
    Step::rule::<PreventRunningTasksFromStoppedFlows>(),
    // After the cache: a cached state needs no slot.
    Step::rule::<SecureTaskConcurrencySlots>(),
    Step::rule::<CopyScheduledTime>(),
    Step::rule::<WaitForScheduledTime>(),
    Step::rule::<RetryFailedTasks>(),
    Step::rule::<RenameReruns>(),
    Step::rule::<UpdateFlowRunTrackerOnTasks>(),
    Step::rule::<CacheInsertion>(),
    Step::transform::<ReleaseTaskConcurrencySlots>(),
];

static BACKGROUND_TASK_POLICY: [Step<TaskRun>; 12] = [
    Step::rule::<PreventPendingTransitions>(),
    Step::rule::<CacheRetrieval>(),
    Step::rule::<HandleTaskTerminalStateTransitions>(),
    Step::rule::<CopyScheduledTime>(),
    Step::rule::<CopyTaskParametersID>(),
    Step::rule::<WaitForScheduledTime>(),
    Step::rule::<RetryFailedTasks>(),
    Step::rule::<RenameReruns>(),
    Step::rule::<UpdateFlowRunTrackerOnTasks>(),
    Step::rule::<CacheInsertion>(),
    Step::transform::<ReleaseTaskConcurrencySlots>(),
    Step::rule::<EnqueueScheduledTasks>(),
];

static MINIMAL_TASK_POLICY: [Step<TaskRun>; 1] = [Step::transform::<ReleaseTaskConcurrencySlots>()];

/// Innermost of every flow policy.
static GLOBAL_FLOW_POLICY: [Step<FlowRun>; 14] = [
    // First: everything below reads the timestamp.
    Step::transform::<EnsureFlowRunStateTimestampIsUnique>(),
    Step::transform::<SetRunStateType>(),
    Step::transform::<SetRunStateName>(),
    Step::transform::<SetRunStateTimestamp>(),
    Step::transform::<SetStartTime>(),
    Step::transform::<SetEndTime>(),
    Step::transform::<IncrementRunTime>(),
    Step::transform::<SetExpectedStartTime>(),
    Step::transform::<SetNextScheduledStartTime>(),
    Step::transform::<UpdateStateDetails>(),
    Step::transform::<UpdateSubflowParentTask>(),
    Step::transform::<UpdateSubflowStateDetails>(),
    Step::transform::<IncrementFlowRunCount>(),
    Step::transform::<RemoveResumingIndicator>(),
];

/// Innermost of every task policy.
static GLOBAL_TASK_POLICY: [Step<TaskRun>; 10] = [
    Step::transform::<SetRunStateType>(),
    Step::transform::<SetRunStateName>(),
    Step::transform::<SetRunStateTimestamp>(),
    Step::transform::<SetStartTime>(),
    Step::transform::<SetEndTime>(),
    Step::transform::<IncrementRunTime>(),
    Step::transform::<SetExpectedStartTime>(),
    Step::transform::<SetNextScheduledStartTime>(),
    Step::transform::<UpdateStateDetails>(),
    Step::transform::<IncrementTaskRunCount>(),
];

/// A rule: it takes part in the transitions from [`Rule::FROM`] to [`Rule::TO`] and may change them.
pub trait Rule<R: Run> {
    /// As the reference names it.
    const NAME: &'static str;
    /// The current states that it cares about.
    const FROM: StateSet;
    /// The intended states that it cares about.
    const TO: StateSet;

    /// Which facts [`Rule::before`] and [`Rule::after`] read.
    fn needs(_question: &Question<'_, R>, _needs: &mut R::Needs) {}

    /// Speaks before the state is written.
    fn before(_context: &mut Context<'_, R>) -> Verdict {
        Verdict::Proceed
    }

    /// Works once the state is written.
    fn after(_context: &mut Context<'_, R>) {}

    /// Reverts what [`Rule::before`] did, when a later rule has changed the transition.
    fn cleanup(_context: &mut Context<'_, R>) {}
}

/// Bookkeeping: it takes part in every transition, and never objects.
pub trait Transform<R: Run> {
    /// As the reference names it.
    const NAME: &'static str;

    /// Which facts it reads.
    fn needs(_question: &Question<'_, R>, _needs: &mut R::Needs) {}

    /// Works before the state is written; `proposed` is `None` when none will be.
    fn before(_context: &mut Context<'_, R>) {}

    /// Works once the state is written; `proposed` is `None` when none was.
    fn after(_context: &mut Context<'_, R>) {}
}

type Needs<R> = fn(&Question<'_, R>, &mut <R as Run>::Needs);
type Hook<R> = fn(&mut Context<'_, R>);

/// A rule or a transform in a list.
pub(crate) struct Step<R: Run> {
    pub(crate) name: &'static str,
    pub(crate) from: StateSet,
    pub(crate) to: StateSet,
    pub(crate) needs: Needs<R>,
    pub(crate) kind: Kind<R>,
}

pub(crate) enum Kind<R: Run> {
    Rule { before: fn(&mut Context<'_, R>) -> Verdict, after: Hook<R>, cleanup: Hook<R> },
    Transform { before: Hook<R>, after: Hook<R> },
}

impl<R: Run> Step<R> {
    pub(crate) const fn rule<X: Rule<R>>() -> Self {
        Self {
            name: X::NAME,
            from: X::FROM,
            to: X::TO,
            needs: X::needs,
            kind: Kind::Rule { before: X::before, after: X::after, cleanup: X::cleanup },
        }
    }

    pub(crate) const fn transform<X: Transform<R>>() -> Self {
        Self {
            name: X::NAME,
            from: StateSet::ALL,
            to: StateSet::ALL,
            needs: X::needs,
            kind: Kind::Transform { before: X::before, after: X::after },
        }
    }

    /// Whether the step takes part in a transition between these types.
    pub(crate) fn governs(&self, from: Option<StateType>, to: Option<StateType>) -> bool {
        self.from.contains(from) && self.to.contains(to)
    }
}

/// A set of state types, in which "no state" is a member like any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateSet(u16);

impl StateSet {
    /// Every type, and no state at all.
    pub const ALL: Self = Self(0x3ff);
    /// The types in which a run is over.
    pub const FINAL: Self = Self::of(&StateType::FINAL);
    const NO_STATE: u16 = 1 << 9;

    /// The set of these types.
    pub const fn of(types: &[StateType]) -> Self {
        let mut bits = 0;
        let mut position = 0;
        while position < types.len() {
            bits |= 1 << types[position] as u16;
            position += 1;
        }
        Self(bits)
    }

    /// Every type, and no state at all, but these.
    pub const fn all_but(types: &[StateType]) -> Self {
        Self(Self::ALL.0 & !Self::of(types).0)
    }

    /// Whether the type (or no state) is in the set.
    pub const fn contains(self, state_type: Option<StateType>) -> bool {
        let bit = match state_type {
            Some(state_type) => 1 << state_type as u16,
            None => Self::NO_STATE,
        };
        self.0 & bit != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_those_of_the_reference_and_one_rule_of_our_own() {
        fn names<R: Run>(steps: &[Step<R>]) -> Vec<&'static str> {
            steps.iter().map(|step| step.name).collect()
        }
        insta::assert_json_snapshot!(serde_json::json!({
            "CoreFlowPolicy": names(FlowPolicy::Core.steps()),
            "MinimalFlowPolicy": names(FlowPolicy::Minimal.steps()),
            "MarkLateRunsPolicy": names(FlowPolicy::MarkLateRuns.steps()),
            "GlobalFlowPolicy": names(FlowPolicy::global_steps()),
            "CoreTaskPolicy": names(TaskPolicy::Core.steps()),
            "BackgroundTaskPolicy": names(TaskPolicy::Background.steps()),
            "MinimalTaskPolicy": names(TaskPolicy::Minimal.steps()),
            "GlobalTaskPolicy": names(TaskPolicy::global_steps()),
        }));
    }

    #[test]
    fn sets_hold_what_they_were_made_of() {
        let set = StateSet::of(&[StateType::Paused, StateType::Cancelling]);
        assert!(set.contains(Some(StateType::Paused)) && set.contains(Some(StateType::Cancelling)));
        assert!(!set.contains(Some(StateType::Running)) && !set.contains(None));
        assert!(StateSet::ALL.contains(None));
        for state_type in StateType::ALL {
            assert!(StateSet::ALL.contains(Some(state_type)));
            assert_eq!(StateSet::FINAL.contains(Some(state_type)), state_type.is_final());
            assert!(!StateSet::all_but(&[state_type]).contains(Some(state_type)));
        }
    }

    #[test]
    fn deferred_states_go_to_the_background_policy_even_when_forced() {
        let mut state = State::new(
            StateType::Scheduled,
            sluice_wire::ids::StateId::random(),
            sluice_wire::time::Timestamp::EPOCH,
        );
        assert_eq!(TaskPolicy::for_request(false, &state), TaskPolicy::Core);
        assert_eq!(TaskPolicy::for_request(true, &state), TaskPolicy::Minimal);
        state.state_details.deferred = Some(true);
        assert_eq!(TaskPolicy::for_request(true, &state), TaskPolicy::Background);
    }
}
