//! Nothing runs, so there is nothing to stop.

use sluice_wire::states::StateType;

use crate::context::Context;
use crate::facts::FlowRun;
use crate::policies::{Rule, StateSet};
use crate::verdict::Verdict;

/// Cancels at once, instead of CANCELLING, a run that has no infrastructure: scheduled but never started, coming
/// back from a suspension, or suspended.
pub struct BypassCancellingFlowRunsWithNoInfra;

impl Rule<FlowRun> for BypassCancellingFlowRunsWithNoInfra {
    const NAME: &'static str = "BypassCancellingFlowRunsWithNoInfra";
    const FROM: StateSet = StateSet::of(&[StateType::Scheduled, StateType::Paused]);
    const TO: StateSet = StateSet::of(&[StateType::Cancelling]);

    fn before(context: &mut Context<'_, FlowRun>) -> Verdict {
        let Some(initial) = context.initial else { return Verdict::Proceed };
        let runs_nowhere = context.run.infrastructure_pid.as_deref().is_none_or(str::is_empty);
        let never_started = initial.r#type == StateType::Scheduled && runs_nowhere;
        let suspended = initial.r#type == StateType::Paused && initial.state_details.pause_reschedule;
        let reason = if never_started || initial.name == "Resuming" {
            "Scheduled flow run has no infrastructure to terminate."
        } else if suspended {
            "Suspended flow run has no infrastructure to terminate."
        } else {
            return Verdict::Proceed;
        };
        Verdict::replace(context.replacement(StateType::Cancelled), reason)
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::orchestration_results::SetStateStatus::{Accept, Reject};
    use sluice_wire::states::StateType::{Cancelled, Cancelling, Paused, Scheduled};

    use crate::policies::FlowPolicy;
    use crate::testing::{flow, named, reason, state};

    #[test]
    fn only_what_runs_is_stopped() {
        let scheduled = "Scheduled flow run has no infrastructure to terminate.";
        let suspended = "Suspended flow run has no infrastructure to terminate.";
        let mut suspension = named(Paused, "Suspended");
        suspension.state_details.pause_reschedule = true;
        let process = Some("host:42".to_owned());
        for policy in [FlowPolicy::Core, FlowPolicy::Minimal] {
            for (from, infrastructure, words) in [
                (state(Scheduled), None, scheduled),
                (state(Scheduled), Some(String::new()), scheduled),
                (named(Scheduled, "AwaitingRetry"), process.clone(), ""),
                (named(Scheduled, "Resuming"), process.clone(), scheduled),
                (state(Paused), None, ""),
                (suspension.clone(), process.clone(), suspended),
            ] {
                let label = format!("{} with {infrastructure:?}", from.name);
                let decision = flow()
                    .run(|run| run.infrastructure_pid = infrastructure)
                    .from(from)
                    .to(state(Cancelling))
                    .decide(policy);
                let (status, written) =
                    if words.is_empty() { (Accept, Cancelling) } else { (Reject, Cancelled) };
                assert_eq!((decision.status, reason(&decision)), (status, words), "{label}");
                assert_eq!(decision.state.expect("written").r#type, written, "{label}");
            }
        }
    }
}
