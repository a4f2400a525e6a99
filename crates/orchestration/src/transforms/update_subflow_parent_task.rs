//! The parent flow sees what its subflow does.

use crate::context::Context;
use crate::effects::Effect;
use crate::facts::FlowRun;
use crate::policies::Transform;

/// Copies the new state of a subflow to the task run that stands for it in its parent.
pub struct UpdateSubflowParentTask;

impl Transform<FlowRun> for UpdateSubflowParentTask {
    const NAME: &'static str = "UpdateSubflowParentTask";

    fn after(context: &mut Context<'_, FlowRun>) {
        let (Some(task_run_id), Some(written)) = (context.run.parent_task_run_id, &context.proposed) else {
            return;
        };
        let mut state = written.clone();
        state.id = context.environment.dice.parent_task_run_state_id;
        state.state_details.child_flow_run_id = Some(context.run.id);
        context.effect(Effect::MirrorStateToParentTaskRun { task_run_id, state: Box::new(state) });
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::ids::TaskRunId;
    use sluice_wire::states::StateType::{Pending, Running};

    use crate::effects::Effect;
    use crate::testing::{FLOW_RUN, flow, state};

    #[test]
    fn a_subflow_tells_its_parent() {
        let parent = TaskRunId::random();
        let trial =
            flow().run(|run| run.parent_task_run_id = Some(parent)).from(state(Pending)).to(state(Running));
        let decision = trial.transform::<super::UpdateSubflowParentTask>();
        let [Effect::MirrorStateToParentTaskRun { task_run_id, state }] = decision.effects.as_slice() else {
            panic!("{:?}", decision.effects)
        };
        assert_eq!((*task_run_id, state.r#type), (parent, Running));
        assert_eq!(state.state_details.child_flow_run_id, Some(FLOW_RUN));
        let written = decision.state.as_ref().expect("written");
        assert_ne!(state.id, written.id);
        assert_eq!(written.state_details.child_flow_run_id, None);
    }

    #[test]
    fn a_flow_without_parent_tells_nobody() {
        let decision =
            flow().from(state(Pending)).to(state(Running)).transform::<super::UpdateSubflowParentTask>();
        assert_eq!(decision.effects, []);
    }
}
