//! A run is submitted once.

use sluice_wire::states::StateType;

use crate::context::{Context, Run};
use crate::policies::{Rule, StateSet};
use crate::verdict::Verdict;

/// Stops a second worker that wants to submit a run which another one has submitted.
///
/// A PENDING run may take another name but "Pending" (Submitting, InfrastructurePending): it keeps what earlier rules
/// noted in its details.
pub struct PreventPendingTransitions;

impl<R: Run> Rule<R> for PreventPendingTransitions {
    const NAME: &'static str = "PreventPendingTransitions";
    const FROM: StateSet =
        StateSet::of(&[StateType::Pending, StateType::Cancelling, StateType::Running, StateType::Cancelled]);
    const TO: StateSet = StateSet::of(&[StateType::Pending]);

    fn before(context: &mut Context<'_, R>) -> Verdict {
        let (Some(initial), Some(proposed)) = (context.initial, &mut context.proposed) else {
            return Verdict::Proceed;
        };
        let another_name = initial.name != proposed.name && proposed.name != "Pending";
        if initial.r#type == StateType::Pending && another_name {
            let (from, to) = (&initial.state_details, &mut proposed.state_details);
            to.scheduled_time = from.scheduled_time;
            to.deployment_concurrency_lease_id = from.deployment_concurrency_lease_id;
            return Verdict::Proceed;
        }
        Verdict::abort(format!(
            "This run is in a {} state and cannot transition to a PENDING state.",
            initial.r#type
        ))
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::ids::LeaseId;
    use sluice_wire::orchestration_results::SetStateStatus::{Abort, Accept};
    use sluice_wire::states::StateType::{Cancelled, Cancelling, Failed, Pending, Running, Scheduled};

    use super::PreventPendingTransitions;
    use crate::testing::{NOW, flow, leased, named, reason, state, task};

    #[test]
    fn a_run_that_was_submitted_is_not_submitted_again() {
        let submitting = || named(Pending, "Submitting");
        for (from, to, refused) in [
            (state(Pending), state(Pending), true),
            (submitting(), state(Pending), true),
            (submitting(), submitting(), true),
            (state(Running), submitting(), true),
            (state(Cancelling), state(Pending), true),
            (state(Cancelled), state(Pending), true),
            (state(Pending), submitting(), false),
            (submitting(), named(Pending, "InfrastructurePending"), false),
            (state(Scheduled), state(Pending), false),
            (state(Failed), state(Pending), false),
        ] {
            let label = format!("{} to {}", from.name, to.name);
            let (status, words) = if refused {
                let from = from.r#type;
                (Abort, format!("This run is in a {from} state and cannot transition to a PENDING state."))
            } else {
                (Accept, String::new())
            };
            let decision = flow().from(from.clone()).to(to.clone()).rule::<PreventPendingTransitions>();
            assert_eq!((decision.status, reason(&decision)), (status, words.as_str()), "{label}");
            let decision = task().from(from).to(to).rule::<PreventPendingTransitions>();
            assert_eq!((decision.status, reason(&decision)), (status, words.as_str()), "{label}");
        }
    }

    #[test]
    fn a_new_name_keeps_the_details() {
        let lease = LeaseId::random();
        let mut initial = leased(Pending, lease);
        initial.state_details.scheduled_time = Some(NOW);
        let decision =
            flow().from(initial).to(named(Pending, "Submitting")).rule::<PreventPendingTransitions>();
        let details = decision.state.expect("written").state_details;
        assert_eq!(details.scheduled_time, Some(NOW));
        assert_eq!(details.deployment_concurrency_lease_id, Some(lease));
    }
}
