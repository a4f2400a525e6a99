//! A state knows its run.

use crate::context::{Context, Run};
use crate::policies::Transform;

/// Writes the ids of the run into the details of the new state.
pub struct UpdateStateDetails;

impl<R: Run> Transform<R> for UpdateStateDetails {
    const NAME: &'static str = "UpdateStateDetails";

    fn before(context: &mut Context<'_, R>) {
        if let Some(proposed) = &mut context.proposed {
            context.run.claim(&mut proposed.state_details);
        }
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::ids::{FlowRunId, TaskRunId};
    use sluice_wire::states::StateType::Running;

    use crate::testing::{flow, state, task};

    #[test]
    fn the_details_point_at_the_run() {
        let decision = flow().to(state(Running)).transform::<super::UpdateStateDetails>();
        let details = decision.state.expect("written").state_details;
        assert_eq!((details.flow_run_id, details.task_run_id), (Some(crate::testing::FLOW_RUN), None));

        let parent = FlowRunId::random();
        for (flow_run_id, written) in [(Some(parent), Some(parent)), (None, None)] {
            let mut proposed = state(Running);
            proposed.state_details.flow_run_id = Some(FlowRunId::random());
            proposed.state_details.task_run_id = Some(TaskRunId::random());
            let decision = task()
                .run(|run| run.flow_run_id = flow_run_id)
                .to(proposed)
                .transform::<super::UpdateStateDetails>();
            let details = decision.state.expect("written").state_details;
            assert_eq!(details.flow_run_id, written);
            assert_eq!(details.task_run_id, Some(crate::testing::TASK_RUN));
        }
    }
}
