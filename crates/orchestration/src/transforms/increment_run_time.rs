//! How long a run has been running.

use sluice_wire::states::StateType;

use crate::context::{Context, Run};
use crate::policies::Transform;

/// Adds the time spent in the RUNNING state that the run leaves.
pub struct IncrementRunTime;

impl<R: Run> Transform<R> for IncrementRunTime {
    const NAME: &'static str = "IncrementRunTime";

    fn before(context: &mut Context<'_, R>) {
        let (Some(proposed), Some(initial)) = (&context.proposed, context.initial) else { return };
        if initial.r#type == StateType::Running {
            let columns = context.run.columns_mut();
            columns.total_run_time = columns.total_run_time + proposed.timestamp.since(initial.timestamp);
        }
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::states::StateType::{Completed, Paused, Pending, Running};
    use sluice_wire::time::TimeDelta;

    use crate::testing::{NOW, flow, state};

    #[test]
    fn only_time_in_running_counts() {
        for (from, to, seconds) in
            [(Running, Completed, 107), (Running, Paused, 107), (Pending, Running, 100)]
        {
            let mut initial = state(from);
            initial.timestamp = NOW - TimeDelta::from_secs(7);
            let decision = flow()
                .run(|run| run.columns.total_run_time = TimeDelta::from_secs(100))
                .from(initial)
                .to(state(to))
                .transform::<super::IncrementRunTime>();
            let total = decision.run.map_or(TimeDelta::from_secs(100), |run| run.columns.total_run_time);
            assert_eq!(total, TimeDelta::from_secs(seconds), "{from} to {to}");
        }
    }
}
