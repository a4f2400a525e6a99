//! How often a task run has started.

use sluice_wire::states::StateType;

use crate::context::Context;
use crate::facts::TaskRun;
use crate::policies::Transform;

/// Counts every entry into RUNNING.
pub struct IncrementTaskRunCount;

impl Transform<TaskRun> for IncrementTaskRunCount {
    const NAME: &'static str = "IncrementTaskRunCount";

    fn before(context: &mut Context<'_, TaskRun>) {
        if context.proposed_type() == Some(StateType::Running) {
            context.run.columns.run_count += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::states::StateType::{Completed, Pending, Running};

    use crate::testing::{state, task};

    #[test]
    fn every_start_counts() {
        for (to, run_count) in [(Running, 3), (Completed, 2)] {
            let decision = task()
                .run(|run| run.columns.run_count = 2)
                .from(state(Pending))
                .to(state(to))
                .transform::<super::IncrementTaskRunCount>();
            assert_eq!(decision.run.map_or(2, |run| run.columns.run_count), run_count, "{to}");
        }
    }
}
