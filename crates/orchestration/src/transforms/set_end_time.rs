//! When a run ended.

use sluice_wire::states::State;

use crate::context::{Context, Run};
use crate::policies::Transform;

/// Notes when the run is over (one that never started also gets its start), and forgets it when the run starts again.
pub struct SetEndTime;

impl<R: Run> Transform<R> for SetEndTime {
    const NAME: &'static str = "SetEndTime";

    fn before(context: &mut Context<'_, R>) {
        let Some(proposed) = &context.proposed else { return };
        let columns = context.run.columns_mut();
        if !proposed.is_final() {
            if context.initial.is_some_and(State::is_final) {
                columns.end_time = None;
            }
        } else if columns.end_time.is_none() {
            columns.start_time.get_or_insert(proposed.timestamp);
            columns.end_time = Some(proposed.timestamp);
        }
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::states::StateType::{Cancelled, Completed, Failed, Running, Scheduled};
    use sluice_wire::time::Timestamp;

    use crate::testing::{NOW, flow, state};

    #[test]
    fn the_end_is_that_of_the_first_final_state() {
        let earlier = Some(Timestamp::from_micros(5));
        // (from, to, start and end before, start and end after)
        for (from, to, before, after) in [
            (Running, Completed, (earlier, None), (earlier, Some(NOW))),
            (Scheduled, Cancelled, (None, None), (Some(NOW), Some(NOW))),
            (Failed, Completed, (earlier, earlier), (earlier, earlier)),
            (Failed, Running, (earlier, earlier), (earlier, None)),
            (Running, Scheduled, (earlier, None), (earlier, None)),
        ] {
            let decision = flow()
                .run(|run| (run.columns.start_time, run.columns.end_time) = before)
                .from(state(from))
                .to(state(to))
                .transform::<super::SetEndTime>();
            let times = decision.run.map_or(before, |run| (run.columns.start_time, run.columns.end_time));
            assert_eq!(times, after, "{from} to {to}");
        }
    }
}
