//! A stored result is not overwritten by nothing.

use serde_json::Value;
use sluice_wire::states::{State, StateType};

use crate::context::Context;
use crate::facts::FlowRun;
use crate::policies::{Rule, StateSet};
use crate::verdict::Verdict;

pub(super) const LOSES_RESULT: &str =
    "Cannot overwrite a COMPLETED state that carries persisted result data with one that does not.";

/// Keeps a COMPLETED state with a stored result when a COMPLETED state without one is proposed, even by force.
pub struct PreventResultDataLoss;

impl Rule<FlowRun> for PreventResultDataLoss {
    const NAME: &'static str = "PreventResultDataLoss";
    const FROM: StateSet = StateSet::FINAL;
    const TO: StateSet = StateSet::FINAL;

    fn before(context: &mut Context<'_, FlowRun>) -> Verdict {
        let (Some(initial), Some(proposed)) = (context.initial, &context.proposed) else {
            return Verdict::Proceed;
        };
        let again = initial.r#type == StateType::Completed && proposed.r#type == StateType::Completed;
        if again && holds_result(initial) && !proposed.has_persisted_result() {
            return Verdict::keep_current(LOSES_RESULT);
        }
        Verdict::Proceed
    }
}

/// Whether a state that was read back holds a stored result: an empty object is none.
pub(super) fn holds_result(state: &State) -> bool {
    state.has_persisted_result()
        && state.data.as_ref().and_then(Value::as_object).is_some_and(|fields| !fields.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use sluice_wire::orchestration_results::SetStateStatus::{Accept, Reject};
    use sluice_wire::states::StateType::{Completed, Failed, Scheduled};

    use crate::policies::FlowPolicy;
    use crate::testing::{flow, reason, state, with_data};

    #[test]
    fn a_forced_completion_keeps_the_stored_result() {
        let stored = || with_data(Completed, json!({"type": "reference"}));
        for (from, to, status) in [
            (stored(), state(Completed), Reject),
            (stored(), with_data(Completed, json!({"type": "unpersisted"})), Reject),
            (stored(), with_data(Completed, json!("text")), Reject),
            (stored(), stored(), Accept),
            (stored(), state(Failed), Accept),
            (stored(), state(Scheduled), Accept),
            (with_data(Completed, json!({})), state(Completed), Accept),
            (state(Completed), state(Completed), Accept),
            (state(Failed), state(Completed), Accept),
        ] {
            let label = format!("{from:?} to {to:?}");
            let decision = flow().from(from).to(to).decide(FlowPolicy::Minimal);
            assert_eq!(decision.status, status, "{label}");
            if status == Reject {
                assert_eq!(reason(&decision), super::LOSES_RESULT);
                assert_eq!((decision.state, decision.run), (None, None));
            }
        }
    }
}
