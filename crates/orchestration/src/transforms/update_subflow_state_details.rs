//! The state of a subflow knows the task run that stands for it.

use crate::context::Context;
use crate::facts::FlowRun;
use crate::policies::Transform;

/// Writes the id of the parent's task run into the details of a subflow's new state.
pub struct UpdateSubflowStateDetails;

impl Transform<FlowRun> for UpdateSubflowStateDetails {
    const NAME: &'static str = "UpdateSubflowStateDetails";

    fn before(context: &mut Context<'_, FlowRun>) {
        if let (Some(proposed), Some(task_run_id)) = (&mut context.proposed, context.run.parent_task_run_id) {
            proposed.state_details.task_run_id = Some(task_run_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::ids::TaskRunId;
    use sluice_wire::states::StateType::Running;

    use crate::testing::{flow, state};

    #[test]
    fn only_subflows_point_at_a_task_run() {
        for parent in [None, Some(TaskRunId::random())] {
            let trial = flow().run(|run| run.parent_task_run_id = parent).to(state(Running));
            let decision = trial.transform::<super::UpdateSubflowStateDetails>();
            assert_eq!(decision.state.expect("written").state_details.task_run_id, parent);
        }
    }
}
