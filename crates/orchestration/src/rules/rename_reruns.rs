//! A run that runs again says so.

use sluice_wire::states::StateType;

use crate::context::{Context, Run};
use crate::policies::{Rule, StateSet};
use crate::verdict::Verdict;

/// Names the RUNNING state of a run that ran before: "Retrying" when it waited for a retry, else "Rerunning".
pub struct RenameReruns;

impl<R: Run> Rule<R> for RenameReruns {
    const NAME: &'static str = "RenameReruns";
    const FROM: StateSet = StateSet::ALL;
    const TO: StateSet = StateSet::of(&[StateType::Running]);

    fn before(context: &mut Context<'_, R>) -> Verdict {
        let ran_before = context.run.columns().run_count > 0;
        if let (Some(initial), Some(proposed), true) = (context.initial, &mut context.proposed, ran_before) {
            let name = if initial.name == "AwaitingRetry" { "Retrying" } else { "Rerunning" };
            name.clone_into(&mut proposed.name);
        }
        Verdict::Proceed
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::states::StateType::{Failed, Pending, Running, Scheduled};

    use super::RenameReruns;
    use crate::policies::TaskPolicy;
    use crate::testing::{named, state, task};

    #[test]
    fn only_a_second_run_is_renamed() {
        for (from, run_count, name) in [
            (Some(state(Pending)), 0, "Running"),
            (Some(state(Pending)), 1, "Rerunning"),
            (Some(named(Scheduled, "AwaitingRetry")), 1, "Retrying"),
            (None, 1, "Running"),
        ] {
            let mut trial = task().run(|run| run.columns.run_count = run_count);
            if let Some(from) = from {
                trial = trial.from(from);
            }
            let decision = trial.to(state(Running)).rule::<RenameReruns>();
            assert_eq!(decision.state.expect("written").name, name);
        }
    }

    #[test]
    fn a_task_that_left_a_final_state_counts_as_new() {
        let trial = task().run(|run| run.columns.run_count = 3).from(state(Failed)).to(state(Running));
        let decision = trial.decide(TaskPolicy::Core);
        assert_eq!(decision.state.expect("written").name, "Running");
        assert_eq!(decision.run.expect("changed").columns.run_count, 1);
    }
}
