//! When a run was first meant to start.

use sluice_wire::states::StateType;

use crate::context::{Context, Run};
use crate::policies::Transform;

/// Notes the scheduled time of the first state, or its time when it has none.
pub struct SetExpectedStartTime;

impl<R: Run> Transform<R> for SetExpectedStartTime {
    const NAME: &'static str = "SetExpectedStartTime";

    fn before(context: &mut Context<'_, R>) {
        let Some(proposed) = &context.proposed else { return };
        let columns = context.run.columns_mut();
        if columns.expected_start_time.is_none() {
            columns.expected_start_time = match proposed.r#type {
                StateType::Scheduled => proposed.state_details.scheduled_time,
                _ => Some(proposed.timestamp),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::states::StateType::Pending;
    use sluice_wire::time::Timestamp;

    use crate::testing::{NOW, flow, scheduled_at, state};

    #[test]
    fn the_first_state_says_when() {
        let due = Timestamp::from_micros(7);
        for (before, to, after) in
            [(None, scheduled_at(due), due), (None, state(Pending), NOW), (Some(due), state(Pending), due)]
        {
            let decision = flow()
                .run(|run| run.columns.expected_start_time = before)
                .to(to)
                .transform::<super::SetExpectedStartTime>();
            let expected = decision.run.map_or(before, |run| run.columns.expected_start_time);
            assert_eq!(expected, Some(after), "{before:?}");
        }
    }
}
