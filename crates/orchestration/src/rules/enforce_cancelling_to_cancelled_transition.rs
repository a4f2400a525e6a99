//! A run that is being cancelled ends cancelled.

use sluice_wire::states::StateType;

use crate::context::Context;
use crate::facts::FlowRun;
use crate::policies::{Rule, StateSet};
use crate::verdict::Verdict;

/// Keeps a CANCELLING run CANCELLING until it is CANCELLED.
pub struct EnforceCancellingToCancelledTransition;

impl Rule<FlowRun> for EnforceCancellingToCancelledTransition {
    const NAME: &'static str = "EnforceCancellingToCancelledTransition";
    const FROM: StateSet = StateSet::of(&[StateType::Cancelling]);
    const TO: StateSet = StateSet::all_but(&[StateType::Cancelled]);

    fn before(_context: &mut Context<'_, FlowRun>) -> Verdict {
        Verdict::keep_current("Cannot transition flows that are cancelling to a state other than Cancelled.")
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::orchestration_results::SetStateStatus::{Accept, Reject};
    use sluice_wire::states::StateType;

    use crate::policies::FlowPolicy;
    use crate::testing::{flow, reason, state};

    #[test]
    fn only_cancelled_follows_cancelling() {
        for to in StateType::ALL {
            let decision = flow().from(state(StateType::Cancelling)).to(state(to)).decide(FlowPolicy::Core);
            let status = if to == StateType::Cancelled { Accept } else { Reject };
            assert_eq!(decision.status, status, "{to}");
            if status == Reject {
                let words = "Cannot transition flows that are cancelling to a state other than Cancelled.";
                assert_eq!(reason(&decision), words);
            }
        }
    }
}
