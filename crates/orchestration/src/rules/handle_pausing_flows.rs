//! Which runs may pause.

use sluice_wire::states::{State, StateType};

use crate::context::Context;
use crate::facts::FlowRun;
use crate::policies::{Rule, StateSet};
use crate::verdict::Verdict;

/// Only a running run pauses, each pause fires once, and only a run that a worker can start again gives up its
/// process (suspends).
pub struct HandlePausingFlows;

impl Rule<FlowRun> for HandlePausingFlows {
    const NAME: &'static str = "HandlePausingFlows";
    const FROM: StateSet = StateSet::ALL;
    const TO: StateSet = StateSet::of(&[StateType::Paused]);

    fn before(context: &mut Context<'_, FlowRun>) -> Verdict {
        let Some(proposed) = &context.proposed else { return Verdict::Proceed };
        let verb = verb(proposed);
        let Some(initial) = context.initial else {
            return Verdict::abort(format!("Cannot {verb} flows with no state."));
        };
        if initial.r#type != StateType::Running {
            return Verdict::keep_current(format!("Cannot {verb} flows that are not currently running."));
        }
        let key = pause_key(context, proposed);
        if context.run.empirical_policy.pause_keys.as_ref().is_some_and(|keys| keys.contains(&key)) {
            return Verdict::keep_current(format!("This {verb} has already fired."));
        }
        if proposed.state_details.pause_reschedule {
            if context.run.parent_task_run_id.is_some() {
                return Verdict::abort(format!("Cannot {verb} subflows."));
            }
            if context.run.deployment_id.is_none() {
                return Verdict::abort(format!("Cannot {verb} flows without a deployment."));
            }
        }
        Verdict::Proceed
    }

    fn after(context: &mut Context<'_, FlowRun>) {
        let key = context.proposed.as_ref().map(|proposed| pause_key(context, proposed));
        context.run.empirical_policy.pause_keys.get_or_insert_default().extend(key);
    }
}

/// What the pause is called in messages.
pub(super) fn verb(proposed: &State) -> &'static str {
    if proposed.name == "Suspended" { "suspend" } else { "pause" }
}

fn pause_key(context: &Context<'_, FlowRun>, proposed: &State) -> String {
    let key = proposed.state_details.pause_key.clone();
    key.unwrap_or_else(|| context.environment.dice.pause_key.to_string())
}

#[cfg(test)]
mod tests {
    use sluice_wire::ids::TaskRunId;
    use sluice_wire::orchestration_results::SetStateStatus::{Abort, Accept, Reject};
    use sluice_wire::states::State;
    use sluice_wire::states::StateType::{Paused, Pending, Running};
    use uuid::Uuid;

    use super::HandlePausingFlows;
    use crate::testing::{flow, named, reason, state};

    fn pause(name: &str, key: Option<&str>, reschedule: bool) -> State {
        let mut pause = named(Paused, name);
        pause.state_details.pause_key = key.map(str::to_owned);
        pause.state_details.pause_reschedule = reschedule;
        pause
    }

    #[test]
    fn only_a_running_run_pauses_and_each_pause_fires_once() {
        let not_running = "Cannot pause flows that are not currently running.";
        for (from, to, status, words) in [
            (None, pause("Paused", None, false), Abort, "Cannot pause flows with no state."),
            (None, pause("Suspended", None, false), Abort, "Cannot suspend flows with no state."),
            (Some(Pending), pause("Paused", None, false), Reject, not_running),
            (Some(Paused), pause("Paused", None, false), Reject, not_running),
            (Some(Running), pause("Paused", Some("fired"), false), Reject, "This pause has already fired."),
            (
                Some(Running),
                pause("Suspended", Some("fired"), true),
                Reject,
                "This suspend has already fired.",
            ),
            (Some(Running), pause("Paused", Some("new"), false), Accept, ""),
            (Some(Running), pause("Paused", None, false), Accept, ""),
        ] {
            let label = format!("{from:?} to {}", to.name);
            let mut trial =
                flow().run(|run| run.empirical_policy.pause_keys = Some(["fired".to_owned()].into()));
            if let Some(from) = from {
                trial = trial.from(state(from));
            }
            let decision = trial.to(to).rule::<HandlePausingFlows>();
            assert_eq!((decision.status, reason(&decision)), (status, words), "{label}");
            assert_eq!(decision.run.is_some(), status == Accept, "{label}");
        }
    }

    #[test]
    fn only_runs_that_a_worker_starts_again_suspend() {
        for (subflow, deployed, words) in [
            (true, true, "Cannot suspend subflows."),
            (false, false, "Cannot suspend flows without a deployment."),
            (false, true, ""),
        ] {
            let trial = if deployed { flow().deployed(None) } else { flow() };
            let decision = trial
                .run(|run| run.parent_task_run_id = subflow.then(TaskRunId::random))
                .from(state(Running))
                .to(pause("Suspended", None, true))
                .rule::<HandlePausingFlows>();
            let status = if words.is_empty() { Accept } else { Abort };
            assert_eq!((decision.status, reason(&decision)), (status, words));
        }
    }

    #[test]
    fn a_pause_is_remembered_by_its_key_or_a_new_one() {
        for (key, remembered) in
            [(Some("approval"), "approval".to_owned()), (None, Uuid::from_u128(13).to_string())]
        {
            let decision =
                flow().from(state(Running)).to(pause("Paused", key, false)).rule::<HandlePausingFlows>();
            let keys = decision.run.expect("changed").empirical_policy.pause_keys;
            assert_eq!(keys, Some([remembered].into()));
        }
    }
}
