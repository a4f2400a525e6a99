//! A background task waits in a queue for a task worker.

use sluice_wire::states::StateType;

use crate::context::Context;
use crate::effects::Effect;
use crate::facts::TaskRun;
use crate::policies::{Rule, StateSet};

/// Puts a deferred task run into the queue of scheduled tasks, or of retries, when it becomes SCHEDULED.
pub struct EnqueueScheduledTasks;

impl Rule<TaskRun> for EnqueueScheduledTasks {
    const NAME: &'static str = "EnqueueScheduledTasks";
    const FROM: StateSet = StateSet::ALL;
    const TO: StateSet = StateSet::of(&[StateType::Scheduled]);

    fn after(context: &mut Context<'_, TaskRun>) {
        let Some(written) = &context.proposed else { return };
        if written.state_details.deferred == Some(true) {
            let (task_run_id, retry) = (context.run.id, written.name == "AwaitingRetry");
            context.effect(Effect::EnqueueTaskRun { task_run_id, retry });
        }
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::states::StateType::{Pending, Running, Scheduled};

    use super::EnqueueScheduledTasks;
    use crate::effects::Effect;
    use crate::testing::{TASK_RUN, named, state, task};

    #[test]
    fn deferred_tasks_are_queued_when_they_are_scheduled() {
        for (mut to, deferred, queued) in [
            (state(Scheduled), Some(true), Some(false)),
            (named(Scheduled, "AwaitingRetry"), Some(true), Some(true)),
            (state(Scheduled), Some(false), None),
            (state(Scheduled), None, None),
            (state(Pending), Some(true), None),
        ] {
            let label = format!("{} {deferred:?}", to.name);
            to.state_details.deferred = deferred;
            let decision = task().from(state(Running)).to(to).rule::<EnqueueScheduledTasks>();
            let effect = queued.map(|retry| Effect::EnqueueTaskRun { task_run_id: TASK_RUN, retry });
            assert_eq!(decision.effects, Vec::from_iter(effect), "{label}");
        }
    }
}
