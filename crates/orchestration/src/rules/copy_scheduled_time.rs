//! A submitted run knows when it is due.

use sluice_wire::states::StateType;

use crate::context::{Context, Run};
use crate::policies::{Rule, StateSet};
use crate::verdict::Verdict;

/// Copies the scheduled time to a PENDING state that has none.
pub struct CopyScheduledTime;

impl<R: Run> Rule<R> for CopyScheduledTime {
    const NAME: &'static str = "CopyScheduledTime";
    const FROM: StateSet = StateSet::of(&[StateType::Scheduled]);
    const TO: StateSet = StateSet::of(&[StateType::Pending]);

    fn before(context: &mut Context<'_, R>) -> Verdict {
        if let (Some(initial), Some(proposed)) = (context.initial, &mut context.proposed) {
            let scheduled_time = &mut proposed.state_details.scheduled_time;
            *scheduled_time = scheduled_time.or(initial.state_details.scheduled_time);
        }
        Verdict::Proceed
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::states::StateType::{Pending, Running};
    use sluice_wire::time::Timestamp;

    use super::CopyScheduledTime;
    use crate::testing::{flow, scheduled_at, state, task};

    #[test]
    fn the_time_is_copied_unless_another_is_proposed() {
        let (old, new) = (Timestamp::from_micros(5), Timestamp::from_micros(7));
        for (to, proposed, written) in
            [(Pending, None, Some(old)), (Pending, Some(new), Some(new)), (Running, None, None)]
        {
            let mut next = state(to);
            next.state_details.scheduled_time = proposed;
            let decision = flow().from(scheduled_at(old)).to(next.clone()).rule::<CopyScheduledTime>();
            assert_eq!(decision.state.expect("written").state_details.scheduled_time, written);
            let decision = task().from(scheduled_at(old)).to(next).rule::<CopyScheduledTime>();
            assert_eq!(decision.state.expect("written").state_details.scheduled_time, written);
        }
    }
}
