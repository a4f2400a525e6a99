//! A run that was handed out again begins once for each claim.

use sluice_wire::run_policies::RetryType;
use sluice_wire::states::{State, StateType};

use crate::context::Context;
use crate::facts::FlowRun;
use crate::policies::{Rule, StateSet};
use crate::verdict::Verdict;

/// Fences off the worker that lost a run, and what it started.
///
/// When a claim died, the run is handed out again ([`FlowRun::hand_outs`]). The worker that had it may still wake up,
/// and its process may still start: nothing that clients send tells it from the new one. So such a run
///
/// - is claimed (PENDING, named so) while it is SCHEDULED only: a late `Submitting` claims nothing, and a run that is
///   over is not claimed again before it is rescheduled;
/// - begins (RUNNING) while it is PENDING only: before the new claim nobody begins it, and of two processes after it,
///   the second is refused, also when the first is done;
/// - crashes (CRASHED) once it was claimed: before that, only the lost worker can mean it.
///
/// A retry within the process that runs it, and a pause that ends, are no beginnings. The reference hands nothing out
/// again, and has no such rule.
pub struct BeginHandedOutRunsOnce;

const NOT_CLAIMED: &str = "This run was handed out again: only the worker that claims it anew may start it.";
const BEGUN: &str = "This run was handed out again and has begun elsewhere.";

impl Rule<FlowRun> for BeginHandedOutRunsOnce {
    const NAME: &'static str = "BeginHandedOutRunsOnce";
    const FROM: StateSet = StateSet::all_but(&[StateType::Paused, StateType::Cancelling]);
    const TO: StateSet = StateSet::of(&[StateType::Pending, StateType::Running, StateType::Crashed]);

    fn before(context: &mut Context<'_, FlowRun>) -> Verdict {
        let (Some(initial), Some(proposed)) = (context.initial, &context.proposed) else {
            return Verdict::Proceed;
        };
        if context.run.hand_outs == 0 || is_allowed(initial, proposed, &context.run) {
            return Verdict::Proceed;
        }
        Verdict::abort(if initial.r#type == StateType::Scheduled { NOT_CLAIMED } else { BEGUN })
    }
}

fn is_allowed(initial: &State, proposed: &State, run: &FlowRun) -> bool {
    match (initial.r#type, proposed.r#type) {
        (StateType::Pending, _) => true,
        (StateType::Scheduled, StateType::Pending) => proposed.name == "Pending",
        (from, StateType::Crashed) if from != StateType::Scheduled => true,
        (StateType::Scheduled, _) => run.empirical_policy.retry_type == Some(RetryType::InProcess),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::orchestration_results::SetStateStatus::{Abort, Accept};
    use sluice_wire::run_policies::RetryType;
    use sluice_wire::states::StateType::{Completed, Crashed, Failed, Paused, Pending, Running, Scheduled};

    use super::BeginHandedOutRunsOnce;
    use crate::policies::FlowPolicy;
    use crate::testing::{flow, named, reason, state};

    #[test]
    fn a_run_that_was_handed_out_again_begins_once_for_each_claim() {
        let submitting = || named(Pending, "Submitting");
        let unclaimed = "This run was handed out again: only the worker that claims it anew may start it.";
        let begun = "This run was handed out again and has begun elsewhere.";
        for (from, to, refusal) in [
            (state(Scheduled), state(Pending), None),
            (state(Scheduled), submitting(), Some(unclaimed)),
            (state(Scheduled), state(Running), Some(unclaimed)),
            (state(Pending), submitting(), None),
            (state(Pending), state(Running), None),
            (submitting(), state(Running), None),
            (state(Running), state(Running), Some(begun)),
            (state(Completed), state(Running), Some(begun)),
            (state(Completed), submitting(), Some(begun)),
            (state(Failed), state(Pending), Some(begun)),
            (state(Crashed), state(Running), Some(begun)),
            (state(Crashed), state(Scheduled), None),
            (state(Scheduled), state(Crashed), Some(unclaimed)),
            (submitting(), state(Crashed), None),
            (state(Running), state(Completed), None),
            (state(Running), state(Crashed), None),
            (state(Paused), state(Running), None),
        ] {
            let label = format!("{} to {}", from.name, to.name);
            let trial = || flow().deployed(None).from(from.clone()).to(to.clone());
            let decision = trial().run(|run| run.hand_outs = 1).rule::<BeginHandedOutRunsOnce>();
            let expected = refusal.map_or((Accept, ""), |words| (Abort, words));
            assert_eq!((decision.status, reason(&decision)), expected, "{label}");
            let decision = trial().rule::<BeginHandedOutRunsOnce>();
            assert_eq!(decision.status, Accept, "{label}: a run that was never handed out again");
        }
    }

    #[test]
    fn a_retry_in_the_process_that_runs_it_goes_on() {
        let decision = flow()
            .run(|run| run.hand_outs = 1)
            .run(|run| run.empirical_policy.retry_type = Some(RetryType::InProcess))
            .from(named(Scheduled, "AwaitingRetry"))
            .to(state(Running))
            .rule::<BeginHandedOutRunsOnce>();
        assert_eq!(decision.status, Accept);
    }

    #[test]
    fn force_is_stronger() {
        let trial = || flow().run(|run| run.hand_outs = 1).from(state(Running)).to(state(Running));
        assert_eq!(trial().decide(FlowPolicy::Core).status, Abort);
        assert_eq!(trial().decide(FlowPolicy::Minimal).status, Accept);
    }
}
