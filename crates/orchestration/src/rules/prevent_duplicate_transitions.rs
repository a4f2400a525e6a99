//! A client may ask twice for the same transition.

use crate::context::Context;
use crate::facts::FlowRun;
use crate::policies::{Rule, StateSet};
use crate::verdict::Verdict;

/// Keeps the current state when it already carries the proposed state's `transition_id`: the client did not hear the
/// first answer.
pub struct PreventDuplicateTransitions;

impl Rule<FlowRun> for PreventDuplicateTransitions {
    const NAME: &'static str = "PreventDuplicateTransitions";
    const FROM: StateSet = StateSet::ALL;
    const TO: StateSet = StateSet::ALL;

    fn before(context: &mut Context<'_, FlowRun>) -> Verdict {
        let (Some(initial), Some(proposed)) = (context.initial, &context.proposed) else {
            return Verdict::Proceed;
        };
        let transition_id = proposed.state_details.transition_id;
        if transition_id.is_some() && transition_id == initial.state_details.transition_id {
            return Verdict::keep_current("This run has already made this state transition.");
        }
        Verdict::Proceed
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::orchestration_results::SetStateStatus::{Accept, Reject};
    use sluice_wire::states::StateType::{Pending, Running};
    use uuid::Uuid;

    use crate::testing::{flow, reason, state};

    #[test]
    fn the_same_transition_is_made_once() {
        let (one, other) = (Some(Uuid::from_u128(1)), Some(Uuid::from_u128(2)));
        for (current, proposed, status) in
            [(one, one, Reject), (one, other, Accept), (None, None, Accept), (one, None, Accept)]
        {
            let (mut initial, mut next) = (state(Pending), state(Running));
            initial.state_details.transition_id = current;
            next.state_details.transition_id = proposed;
            let decision = flow().from(initial).to(next).rule::<super::PreventDuplicateTransitions>();
            assert_eq!(decision.status, status, "{current:?} {proposed:?}");
            assert_eq!(decision.state.is_none(), status == Reject);
            if status == Reject {
                assert_eq!(reason(&decision), "This run has already made this state transition.");
            }
        }
    }
}
