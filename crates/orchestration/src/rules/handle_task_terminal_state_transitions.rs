//! What a task run that is over may still become.

use sluice_wire::states::StateType;

use super::prevent_result_data_loss::holds_result;
use crate::context::Context;
use crate::facts::TaskRun;
use crate::needs::{Question, TaskNeeds};
use crate::policies::{Rule, StateSet};
use crate::verdict::Verdict;

/// A task run that is over cannot be cancelled, paused or crash; one that is COMPLETED with a stored result stays so.
/// One that starts anew counts its tries from zero, and is "Retrying" when its flow run is on a newer try.
pub struct HandleTaskTerminalStateTransitions;

impl Rule<TaskRun> for HandleTaskTerminalStateTransitions {
    const NAME: &'static str = "HandleTaskTerminalStateTransitions";
    const FROM: StateSet = StateSet::FINAL;
    const TO: StateSet = StateSet::ALL;

    fn needs(question: &Question<'_, TaskRun>, needs: &mut TaskNeeds) {
        if question.proposed.r#type == StateType::Running {
            needs.flow_run = question.run.flow_run_id;
        }
    }

    fn before(context: &mut Context<'_, TaskRun>) -> Verdict {
        let (Some(initial), Some(proposed)) = (context.initial, &mut context.proposed) else {
            return Verdict::Proceed;
        };
        let to = proposed.r#type;
        if matches!(to, StateType::Cancelling | StateType::Paused | StateType::Crashed) {
            return Verdict::abort(format!("Run is already {}.", initial.r#type));
        }
        if initial.r#type == StateType::Completed && holds_result(initial) {
            return Verdict::keep_current("This run is already completed.");
        }
        if !to.is_final() {
            context.run.columns.run_count = 0;
        }
        if to == StateType::Running
            && let Some(flow_run) = &context.facts.flow_run
            && context.run.flow_run_run_count < flow_run.run_count
        {
            "Retrying".clone_into(&mut proposed.name);
        }
        Verdict::Proceed
    }

    fn cleanup(context: &mut Context<'_, TaskRun>) {
        context.run.columns.run_count = context.original.columns.run_count;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use sluice_wire::ids::FlowRunId;
    use sluice_wire::orchestration_results::SetStateStatus::{Abort, Accept, Reject};
    use sluice_wire::states::StateType::{
        Cancelled, Cancelling, Completed, Crashed, Failed, Paused, Pending, Running, Scheduled,
    };

    use super::HandleTaskTerminalStateTransitions;
    use crate::facts::ParentFlowRun;
    use crate::policies::TaskPolicy;
    use crate::testing::{reason, state, task, with_data};

    #[test]
    fn a_task_that_is_over_may_become_little_else() {
        let stored = || with_data(Completed, json!({"type": "reference"}));
        for (from, to, status, words) in [
            (state(Failed), Cancelling, Abort, "Run is already FAILED."),
            (state(Completed), Paused, Abort, "Run is already COMPLETED."),
            (state(Cancelled), Crashed, Abort, "Run is already CANCELLED."),
            (stored(), Running, Reject, "This run is already completed."),
            (stored(), Completed, Reject, "This run is already completed."),
            (with_data(Completed, json!({"type": "unpersisted"})), Running, Accept, ""),
            (state(Completed), Running, Accept, ""),
            (state(Failed), Pending, Accept, ""),
        ] {
            let decision = task().from(from).to(state(to)).rule::<HandleTaskTerminalStateTransitions>();
            assert_eq!((decision.status, reason(&decision)), (status, words), "{to}");
        }
    }

    #[test]
    fn a_task_that_starts_anew_counts_from_zero() {
        for (to, run_count) in [(Running, 0), (Scheduled, 0), (Failed, 3)] {
            let decision = task()
                .run(|run| run.columns.run_count = 3)
                .from(state(Failed))
                .to(state(to))
                .rule::<HandleTaskTerminalStateTransitions>();
            assert_eq!(decision.run.map_or(3, |run| run.columns.run_count), run_count, "{to}");
        }
    }

    #[test]
    fn the_count_comes_back_when_another_rule_changes_the_transition() {
        let stopped = ParentFlowRun { id: FlowRunId::random(), state: Some(state(Completed)), run_count: 1 };
        let decision = task()
            .run(|run| run.columns.run_count = 3)
            .run(|run| run.flow_run_id = Some(stopped.id))
            .facts(|facts| facts.flow_run = Some(stopped.clone()))
            .from(state(Failed))
            .to(state(Running))
            .decide(TaskPolicy::Core);
        assert_eq!((decision.status, decision.run), (Abort, None));
    }

    #[test]
    fn a_task_of_a_retrying_flow_is_retrying() {
        for (task_count, flow_count, name) in [(1, 2, "Retrying"), (2, 2, "Running")] {
            let flow_run = ParentFlowRun { id: FlowRunId::random(), state: None, run_count: flow_count };
            let decision = task()
                .run(|run| run.flow_run_id = Some(flow_run.id))
                .run(|run| run.flow_run_run_count = task_count)
                .facts(|facts| facts.flow_run = Some(flow_run.clone()))
                .from(state(Failed))
                .to(state(Running))
                .rule::<HandleTaskTerminalStateTransitions>();
            assert_eq!(decision.state.expect("written").name, name);
        }
    }
}
