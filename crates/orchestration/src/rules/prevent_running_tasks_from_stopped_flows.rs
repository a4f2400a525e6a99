//! A task runs only while its flow runs.

use sluice_wire::states::StateType;

use crate::context::Context;
use crate::facts::TaskRun;
use crate::needs::{Question, TaskNeeds};
use crate::policies::{Rule, StateSet};
use crate::verdict::Verdict;

/// Stops a task whose flow run is not RUNNING; one whose flow run is paused is paused like it, as "NotReady".
pub struct PreventRunningTasksFromStoppedFlows;

impl Rule<TaskRun> for PreventRunningTasksFromStoppedFlows {
    const NAME: &'static str = "PreventRunningTasksFromStoppedFlows";
    const FROM: StateSet = StateSet::ALL;
    const TO: StateSet = StateSet::of(&[StateType::Running]);

    fn needs(question: &Question<'_, TaskRun>, needs: &mut TaskNeeds) {
        needs.flow_run = question.run.flow_run_id;
    }

    fn before(context: &mut Context<'_, TaskRun>) -> Verdict {
        let Some(flow_run) = &context.facts.flow_run else { return Verdict::Proceed };
        match &flow_run.state {
            Some(state) if state.r#type == StateType::Running => Verdict::Proceed,
            Some(state) if state.r#type == StateType::Paused => {
                let mut paused = context.replacement(StateType::Paused);
                "NotReady".clone_into(&mut paused.name);
                paused.state_details.pause_timeout = state.state_details.pause_timeout;
                paused.state_details.pause_reschedule = state.state_details.pause_reschedule;
                Verdict::replace(
                    paused,
                    format!(
                        "The flow is paused, new tasks can execute after resuming flow run: {}.",
                        flow_run.id
                    ),
                )
            }
            _ => Verdict::abort("The enclosing flow must be running to begin task execution."),
        }
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::ids::FlowRunId;
    use sluice_wire::orchestration_results::SetStateStatus::{Abort, Accept, Reject};
    use sluice_wire::states::StateType::{self, Paused, Pending, Running};

    use super::PreventRunningTasksFromStoppedFlows;
    use crate::facts::ParentFlowRun;
    use crate::testing::{NOW, reason, state, task};

    #[test]
    fn a_task_starts_only_in_a_running_flow() {
        let stopped = "The enclosing flow must be running to begin task execution.";
        let id = FlowRunId::random();
        let paused = format!("The flow is paused, new tasks can execute after resuming flow run: {id}.");
        let types = StateType::ALL.into_iter().map(Some).chain([None]);
        for flow_state in types {
            let (status, words) = match flow_state {
                Some(Running) => (Accept, ""),
                Some(Paused) => (Reject, paused.as_str()),
                _ => (Abort, stopped),
            };
            let parent = ParentFlowRun { id, state: flow_state.map(state), run_count: 1 };
            let trial = task().facts(|facts| facts.flow_run = Some(parent));
            let decision =
                trial.from(state(Pending)).to(state(Running)).rule::<PreventRunningTasksFromStoppedFlows>();
            assert_eq!((decision.status, reason(&decision)), (status, words), "{flow_state:?}");
        }
        let decision =
            task().from(state(Pending)).to(state(Running)).rule::<PreventRunningTasksFromStoppedFlows>();
        assert_eq!(decision.status, Accept, "no flow");
    }

    #[test]
    fn a_task_pauses_like_its_flow() {
        let mut flow_state = state(Paused);
        flow_state.state_details.pause_timeout = Some(NOW);
        flow_state.state_details.pause_reschedule = true;
        flow_state.state_details.pause_key = Some("approval".to_owned());
        let parent = ParentFlowRun { id: FlowRunId::random(), state: Some(flow_state), run_count: 1 };
        let trial = task().facts(|facts| facts.flow_run = Some(parent));
        let decision =
            trial.from(state(Pending)).to(state(Running)).rule::<PreventRunningTasksFromStoppedFlows>();
        let written = decision.state.expect("written");
        assert_eq!((written.r#type, written.name.as_str()), (Paused, "NotReady"));
        assert_eq!(written.state_details.pause_timeout, Some(NOW));
        assert!(written.state_details.pause_reschedule);
        assert_eq!(written.state_details.pause_key, None);
    }
}
