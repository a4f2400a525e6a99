//! A background task keeps the key under which its parameters are stored.

use sluice_wire::states::StateType;

use crate::context::Context;
use crate::facts::TaskRun;
use crate::policies::{Rule, StateSet};
use crate::verdict::Verdict;

/// Copies `task_parameters_id` to a PENDING or RUNNING state that has none.
pub struct CopyTaskParametersID;

impl Rule<TaskRun> for CopyTaskParametersID {
    const NAME: &'static str = "CopyTaskParametersID";
    const FROM: StateSet = StateSet::of(&[StateType::Scheduled, StateType::Pending]);
    const TO: StateSet = StateSet::of(&[StateType::Pending, StateType::Running]);

    fn before(context: &mut Context<'_, TaskRun>) -> Verdict {
        if let (Some(initial), Some(proposed)) = (context.initial, &mut context.proposed) {
            let id = &mut proposed.state_details.task_parameters_id;
            *id = id.or(initial.state_details.task_parameters_id);
        }
        Verdict::Proceed
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::states::StateType::{Completed, Pending, Running, Scheduled};
    use uuid::Uuid;

    use super::CopyTaskParametersID;
    use crate::testing::{state, task};

    #[test]
    fn the_key_is_copied_unless_another_is_proposed() {
        let (old, new) = (Some(Uuid::from_u128(5)), Some(Uuid::from_u128(7)));
        for (from, to, proposed, written) in [
            (Scheduled, Pending, None, old),
            (Scheduled, Running, None, old),
            (Pending, Running, None, old),
            (Pending, Running, new, new),
            (Running, Completed, None, None),
        ] {
            let (mut initial, mut next) = (state(from), state(to));
            initial.state_details.task_parameters_id = old;
            next.state_details.task_parameters_id = proposed;
            let decision = task().from(initial).to(next).rule::<CopyTaskParametersID>();
            let details = decision.state.expect("written").state_details;
            assert_eq!(details.task_parameters_id, written, "{from} {to}");
        }
    }
}
