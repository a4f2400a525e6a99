//! When a run is due.

use sluice_wire::states::StateType;

use crate::context::{Context, Run};
use crate::policies::Transform;

/// Notes the scheduled time of a SCHEDULED state, and forgets it when the run leaves one.
pub struct SetNextScheduledStartTime;

impl<R: Run> Transform<R> for SetNextScheduledStartTime {
    const NAME: &'static str = "SetNextScheduledStartTime";

    fn before(context: &mut Context<'_, R>) {
        let Some(proposed) = &context.proposed else { return };
        let columns = context.run.columns_mut();
        if proposed.r#type == StateType::Scheduled {
            columns.next_scheduled_start_time = proposed.state_details.scheduled_time;
        } else if context.initial.is_some_and(|state| state.r#type == StateType::Scheduled) {
            columns.next_scheduled_start_time = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::states::StateType::{Pending, Running, Scheduled};
    use sluice_wire::time::Timestamp;

    use crate::testing::{flow, scheduled_at, state};

    #[test]
    fn only_a_scheduled_run_is_due() {
        let (old, new) = (Timestamp::from_micros(5), Timestamp::from_micros(7));
        for (from, to, after) in [
            (Scheduled, state(Pending), None),
            (Scheduled, scheduled_at(new), Some(new)),
            (Running, scheduled_at(new), Some(new)),
            (Pending, state(Running), Some(old)),
        ] {
            let decision = flow()
                .run(|run| run.columns.next_scheduled_start_time = Some(old))
                .from(state(from))
                .to(to)
                .transform::<super::SetNextScheduledStartTime>();
            let due = decision.run.map_or(Some(old), |run| run.columns.next_scheduled_start_time);
            assert_eq!(due, after, "{from}");
        }
    }
}
