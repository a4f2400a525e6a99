//! Nothing starts before it is due.

use sluice_wire::states::StateType;
use sluice_wire::time::TimeDelta;

use crate::context::{Context, Run};
use crate::policies::{Rule, StateSet};
use crate::verdict::Verdict;

/// Lets the client wait until the scheduled time, by the server's clock.
pub struct WaitForScheduledTime;

impl<R: Run> Rule<R> for WaitForScheduledTime {
    const NAME: &'static str = "WaitForScheduledTime";
    const FROM: StateSet = StateSet::of(&[StateType::Scheduled, StateType::Pending]);
    const TO: StateSet = StateSet::of(&[StateType::Running]);

    fn before(context: &mut Context<'_, R>) -> Verdict {
        let scheduled_time = context.initial.and_then(|state| state.state_details.scheduled_time);
        let Some(scheduled_time) = scheduled_time else { return Verdict::Proceed };
        let delay_seconds = rounded_seconds(scheduled_time.since(context.environment.now));
        if delay_seconds > 0 {
            return Verdict::wait(delay_seconds, "Scheduled time is in the future");
        }
        Verdict::Proceed
    }
}

/// To the nearest second; half a second is rounded down.
fn rounded_seconds(delay: TimeDelta) -> i64 {
    const SECOND: i64 = 1_000_000;
    let micros = delay.as_micros();
    micros.div_euclid(SECOND) + i64::from(micros.rem_euclid(SECOND) > SECOND / 2)
}

#[cfg(test)]
mod tests {
    use sluice_wire::orchestration_results::StateResponseDetails;
    use sluice_wire::states::StateType::{Pending, Running};
    use sluice_wire::time::TimeDelta;

    use super::WaitForScheduledTime;
    use crate::testing::{NOW, flow, reason, scheduled_at, state, task};

    #[test]
    fn a_run_waits_for_its_time_to_the_nearest_second() {
        for (micros, seconds) in [
            (7_400_000, Some(7)),
            (7_500_000, Some(7)),
            (7_500_001, Some(8)),
            (500_001, Some(1)),
            (500_000, None),
            (0, None),
            (-9_000_000, None),
        ] {
            let due = NOW + TimeDelta::from_micros(micros);
            let mut pending = state(Pending);
            pending.state_details.scheduled_time = Some(due);
            for initial in [scheduled_at(due), pending] {
                let decision = flow().from(initial.clone()).to(state(Running)).rule::<WaitForScheduledTime>();
                let waits = match decision.details {
                    StateResponseDetails::Wait { delay_seconds, .. } => Some(delay_seconds),
                    _ => None,
                };
                assert_eq!(waits, seconds, "{micros} us");
                assert_eq!(decision.state.is_none(), seconds.is_some());
                let decision = task().from(initial).to(state(Running)).rule::<WaitForScheduledTime>();
                let words = if seconds.is_some() { "Scheduled time is in the future" } else { "" };
                assert_eq!(reason(&decision), words, "{micros} us");
            }
        }
        let decision = flow().from(state(Pending)).to(state(Running)).rule::<WaitForScheduledTime>();
        assert_eq!(reason(&decision), "", "due at no particular time");
    }
}
