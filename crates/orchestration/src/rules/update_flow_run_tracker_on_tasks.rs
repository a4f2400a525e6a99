//! A task run knows in which try of its flow run it ran.

use sluice_wire::states::StateType;

use crate::context::Context;
use crate::facts::TaskRun;
use crate::needs::{Question, TaskNeeds};
use crate::policies::{Rule, StateSet};

/// Copies the flow run's `run_count` to a task run that starts. Without the flow run the transition fails.
pub struct UpdateFlowRunTrackerOnTasks;

impl Rule<TaskRun> for UpdateFlowRunTrackerOnTasks {
    const NAME: &'static str = "UpdateFlowRunTrackerOnTasks";
    const FROM: StateSet = StateSet::ALL;
    const TO: StateSet = StateSet::of(&[StateType::Running]);

    fn needs(question: &Question<'_, TaskRun>, needs: &mut TaskNeeds) {
        needs.flow_run = question.run.flow_run_id;
    }

    fn after(context: &mut Context<'_, TaskRun>) {
        if context.run.flow_run_id.is_none() {
            return;
        }
        match &context.facts.flow_run {
            Some(flow_run) => context.run.flow_run_run_count = flow_run.run_count,
            None => context.flow_run_missing = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::ids::FlowRunId;
    use sluice_wire::states::StateType::{Completed, Pending, Running};

    use super::UpdateFlowRunTrackerOnTasks;
    use crate::facts::ParentFlowRun;
    use crate::testing::{state, task};

    #[test]
    fn the_count_is_copied_when_the_task_starts() {
        for (to, count) in [(Running, 3), (Completed, 1)] {
            let flow_run =
                ParentFlowRun { id: FlowRunId::random(), state: Some(state(Running)), run_count: 3 };
            let decision = task()
                .run(|run| run.flow_run_id = Some(flow_run.id))
                .run(|run| run.flow_run_run_count = 1)
                .facts(|facts| facts.flow_run = Some(flow_run.clone()))
                .from(state(Pending))
                .to(state(to))
                .rule::<UpdateFlowRunTrackerOnTasks>();
            assert_eq!(decision.run.map_or(1, |run| run.flow_run_run_count), count, "{to}");
        }
    }

    #[test]
    fn a_task_whose_flow_run_is_gone_cannot_start() {
        let trial = || task().run(|run| run.flow_run_id = Some(FlowRunId::random())).from(state(Pending));
        let error = trial().to(state(Running)).try_decide().expect_err("the flow run is gone");
        assert_eq!(
            error.to_string(),
            "Unable to read flow run associated with task run: 00000000-0000-0000-0000-000000000002, this flow run \
             might have been deleted"
        );
        assert!(trial().to(state(Completed)).try_decide().is_ok());
    }
}
