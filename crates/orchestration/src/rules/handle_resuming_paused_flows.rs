//! How a paused run goes on.

use sluice_wire::states::StateType;

use super::handle_pausing_flows::verb;
use crate::context::Context;
use crate::facts::FlowRun;
use crate::policies::{Rule, StateSet};
use crate::verdict::Verdict;

/// A paused run goes on running, is scheduled again, is cancelled, or ends; one whose pause timed out fails.
pub struct HandleResumingPausedFlows;

impl Rule<FlowRun> for HandleResumingPausedFlows {
    const NAME: &'static str = "HandleResumingPausedFlows";
    const FROM: StateSet = StateSet::of(&[StateType::Paused]);
    const TO: StateSet = StateSet::ALL;

    fn before(context: &mut Context<'_, FlowRun>) -> Verdict {
        let (Some(initial), Some(proposed)) = (context.initial, &context.proposed) else {
            return Verdict::Proceed;
        };
        let to = proposed.r#type;
        let goes_on = matches!(to, StateType::Running | StateType::Scheduled | StateType::Cancelling);
        if !goes_on && !to.is_final() {
            return Verdict::keep_current(format!(
                "This run cannot transition to the StateType.{to} state from the StateType.{} state.",
                initial.r#type
            ));
        }
        let display_name = if proposed.name.is_empty() { to.as_str() } else { &proposed.name }.to_lowercase();
        if initial.state_details.pause_reschedule && context.run.deployment_id.is_none() {
            return Verdict::keep_current(format!(
                "Cannot reschedule a {display_name} flow run without a deployment."
            ));
        }
        if to == StateType::Cancelling {
            // The process of a run that only waits is alive and must be stopped, however long it has waited.
            return Verdict::Proceed;
        }
        let now = context.environment.now;
        if initial.state_details.pause_timeout.is_none_or(|timeout| timeout >= now) {
            return Verdict::Proceed;
        }
        let reason = format!("The flow run {} has timed out and can no longer resume.", verb(proposed));
        let mut failed = context.replacement(StateType::Failed);
        failed.message = Some(format!("The flow was {display_name} and never resumed."));
        Verdict::replace(failed, reason)
    }

    /// Also when this rule itself said no: the reference does the same.
    fn after(context: &mut Context<'_, FlowRun>) {
        context.run.empirical_policy.resuming = Some(true);
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::orchestration_results::SetStateStatus::{Accept, Reject};
    use sluice_wire::states::StateType::{
        Cancelled, Cancelling, Completed, Failed, Paused, Pending, Running, Scheduled,
    };
    use sluice_wire::time::TimeDelta;

    use super::HandleResumingPausedFlows;
    use crate::policies::FlowPolicy;
    use crate::testing::{NOW, flow, named, reason, state};

    #[test]
    fn a_paused_run_goes_on_or_ends() {
        for (to, accepted) in [
            (Running, true),
            (Scheduled, true),
            (Cancelling, true),
            (Completed, true),
            (Cancelled, true),
            (Pending, false),
            (Paused, false),
        ] {
            let decision = flow().from(state(Paused)).to(state(to)).rule::<HandleResumingPausedFlows>();
            let (status, words) = if accepted {
                (Accept, String::new())
            } else {
                let words =
                    "This run cannot transition to the StateType.TO state from the StateType.PAUSED state.";
                (Reject, words.replace("TO", to.as_str()))
            };
            assert_eq!((decision.status, reason(&decision)), (status, words.as_str()), "{to}");
            assert!(decision.run.expect("changed").empirical_policy.is_resuming(), "{to}");
        }
    }

    #[test]
    fn a_suspended_run_needs_a_deployment() {
        let words = "Cannot reschedule a resuming flow run without a deployment.";
        for (deployed, expected) in [(false, words), (true, "")] {
            let mut suspended = named(Paused, "Suspended");
            suspended.state_details.pause_reschedule = true;
            let trial = if deployed { flow().deployed(None) } else { flow() };
            let decision =
                trial.from(suspended).to(named(Scheduled, "Resuming")).rule::<HandleResumingPausedFlows>();
            assert_eq!(reason(&decision), expected);
        }
    }

    #[test]
    fn a_pause_that_timed_out_fails_the_run() {
        let timed_out = "The flow run pause has timed out and can no longer resume.";
        for (seconds, to, words, written) in [
            (-1, state(Running), timed_out, Failed),
            (-1, named(Scheduled, "Resuming"), timed_out, Failed),
            (-1, state(Completed), timed_out, Failed),
            (-1, state(Cancelling), "", Cancelling),
            (0, state(Running), "", Running),
            (1, state(Running), "", Running),
        ] {
            let mut paused = state(Paused);
            paused.state_details.pause_timeout = Some(NOW + TimeDelta::from_secs(seconds));
            let name = to.name.to_lowercase();
            let decision = flow().from(paused).to(to).rule::<HandleResumingPausedFlows>();
            assert_eq!(reason(&decision), words);
            let state = decision.state.expect("written");
            assert_eq!(state.r#type, written);
            if written == Failed {
                assert_eq!(state.message, Some(format!("The flow was {name} and never resumed.")));
            }
        }
    }

    #[test]
    fn a_resumed_run_has_not_started_again() {
        let decision = flow()
            .run(|run| run.columns.run_count = 1)
            .run(|run| run.empirical_policy.resuming = Some(true))
            .from(named(Scheduled, "Resuming"))
            .to(state(Running))
            .decide(FlowPolicy::Core);
        let run = decision.run.expect("changed");
        assert_eq!((run.columns.run_count, run.empirical_policy.is_resuming()), (1, false));
    }
}
