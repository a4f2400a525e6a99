//! No two states of a flow run share a time.

use sluice_wire::time::TimeDelta;

use crate::context::Context;
use crate::facts::FlowRun;
use crate::needs::{FlowNeeds, Question};
use crate::policies::Transform;

/// Moves the proposed state's time to the first free microsecond.
///
/// Times are the server's, so they collide only when the clock stood still or went back: only then are the run's
/// times loaded.
pub struct EnsureFlowRunStateTimestampIsUnique;

impl Transform<FlowRun> for EnsureFlowRunStateTimestampIsUnique {
    const NAME: &'static str = "EnsureFlowRunStateTimestampIsUnique";

    fn needs(question: &Question<'_, FlowRun>, needs: &mut FlowNeeds) {
        let earliest = question.proposed.timestamp.min(question.environment.now);
        if question.run.columns.state_timestamp.is_some_and(|latest| earliest <= latest) {
            needs.state_timestamps_from = Some(earliest);
        }
    }

    fn before(context: &mut Context<'_, FlowRun>) {
        let Some(proposed) = &mut context.proposed else { return };
        let current = context.initial.map(|state| state.timestamp);
        while current == Some(proposed.timestamp)
            || context.facts.state_timestamps.contains(&proposed.timestamp)
        {
            proposed.timestamp = proposed.timestamp + TimeDelta::from_micros(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::states::StateType::{Completed, Running};
    use sluice_wire::time::{TimeDelta, Timestamp};

    use crate::testing::{NOW, flow, state};

    fn micros(offset: i64) -> Timestamp {
        NOW + TimeDelta::from_micros(offset)
    }

    #[test]
    fn a_taken_time_is_passed_over() {
        // (time of the current state, other times of the run, time written)
        for (current, taken, written) in [
            (micros(-1), vec![], micros(0)),
            (micros(0), vec![], micros(1)),
            (micros(0), vec![micros(0), micros(1), micros(3)], micros(2)),
            (micros(5), vec![micros(0), micros(5)], micros(1)),
        ] {
            let mut initial = state(Running);
            initial.timestamp = current;
            let decision = flow()
                .from(initial)
                .to(state(Completed))
                .facts(|facts| facts.state_timestamps = taken.clone())
                .transform::<super::EnsureFlowRunStateTimestampIsUnique>();
            assert_eq!(decision.state.expect("written").timestamp, written, "{current} {taken:?}");
        }
    }

    #[test]
    fn times_are_loaded_only_when_the_clock_stood_still() {
        for (current, loaded) in [(micros(-1), None), (micros(0), Some(NOW)), (micros(9), Some(NOW))] {
            let mut initial = state(Running);
            initial.timestamp = current;
            let needs = flow()
                .run(|run| run.columns.state_timestamp = Some(current))
                .from(initial)
                .to(state(Completed))
                .needs();
            assert_eq!(needs.state_timestamps_from, loaded, "{current}");
        }
    }
}
