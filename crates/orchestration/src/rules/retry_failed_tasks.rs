//! A task run that fails may start again.

use sluice_wire::states::{State, StateType};
use sluice_wire::time::TimeDelta;

use crate::context::Context;
use crate::facts::TaskRun;
use crate::poisson;
use crate::policies::{Rule, StateSet};
use crate::verdict::Verdict;

/// Schedules a failed task run again, after its delay for this try (spread when it has a jitter), until its retries
/// are used up, unless the client says that the failure is none to retry.
pub struct RetryFailedTasks;

impl Rule<TaskRun> for RetryFailedTasks {
    const NAME: &'static str = "RetryFailedTasks";
    const FROM: StateSet = StateSet::of(&[StateType::Running]);
    const TO: StateSet = StateSet::of(&[StateType::Failed]);

    fn before(context: &mut Context<'_, TaskRun>) -> Verdict {
        let environment = context.environment;
        let policy = &context.run.empirical_policy;
        let run_count = context.run.columns.run_count;
        let Some(failed) = &context.proposed else { return Verdict::Proceed };
        let retries_left = policy.retries.is_some_and(|retries| run_count <= retries);
        if !retries_left || failed.state_details.retriable == Some(false) {
            return Verdict::Proceed;
        }
        let base_delay = policy.retry_delay.as_ref().map_or(0.0, |delay| delay.seconds(run_count));
        let delay = match policy.retry_jitter_factor {
            Some(factor) if factor > 0.0 && base_delay > 0.0 => {
                poisson::clamped_interval(base_delay, factor, environment.dice.uniform)
            }
            _ => base_delay,
        };
        let due = environment.now + TimeDelta::from_secs_f64(delay);
        let id = environment.dice.replacement_state_id;
        let mut retry = State::scheduled("AwaitingRetry", due, id, environment.now);
        retry.message.clone_from(&failed.message);
        retry.data.clone_from(&failed.data);
        Verdict::replace(retry, "Retrying")
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::orchestration_results::SetStateStatus::{Accept, Reject};
    use sluice_wire::run_policies::RetryDelay::{self, Fraction, Whole, WholeList};
    use sluice_wire::states::StateType::{Failed, Running, Scheduled};
    use sluice_wire::time::TimeDelta;

    use super::RetryFailedTasks;
    use crate::poisson::clamped_interval;
    use crate::testing::{NOW, reason, state, task};

    #[test]
    fn a_task_starts_again_until_its_retries_are_used_up() {
        for (retries, run_count, retriable, status) in [
            (None, 1, None, Accept),
            (Some(0), 1, None, Accept),
            (Some(1), 1, None, Reject),
            (Some(1), 1, Some(true), Reject),
            (Some(1), 1, Some(false), Accept),
            (Some(1), 2, None, Accept),
        ] {
            let mut failed = state(Failed);
            failed.message = Some("boom".to_owned());
            failed.state_details.retriable = retriable;
            let decision = task()
                .run(|run| run.empirical_policy.retries = retries)
                .run(|run| run.columns.run_count = run_count)
                .from(state(Running))
                .to(failed)
                .rule::<RetryFailedTasks>();
            assert_eq!(decision.status, status, "{retries:?} {run_count} {retriable:?}");
            let written = decision.state.as_ref().expect("written");
            assert_eq!(written.message.as_deref(), Some("boom"));
            if status == Reject {
                assert_eq!((written.r#type, written.name.as_str()), (Scheduled, "AwaitingRetry"));
                assert_eq!(reason(&decision), "Retrying");
            }
        }
    }

    #[test]
    fn the_delay_is_that_of_the_try() {
        let list = || Some(WholeList(vec![1, 2, 4]));
        type Case = (Option<RetryDelay>, Option<f64>, i64, f64);
        let cases: [Case; 8] = [
            (None, None, 1, 0.0),
            (Some(Whole(5)), None, 1, 5.0),
            (Some(Fraction(0.5)), None, 1, 0.5),
            (list(), None, 1, 1.0),
            (list(), None, 3, 4.0),
            (list(), None, 9, 4.0),
            (Some(Whole(5)), Some(0.5), 1, clamped_interval(5.0, 0.5, 0.5)),
            (Some(Whole(0)), Some(0.5), 1, 0.0),
        ];
        for (delay, jitter, run_count, seconds) in cases {
            let decision = task()
                .run(|run| run.empirical_policy.retries = Some(9))
                .run(|run| run.empirical_policy.retry_delay.clone_from(&delay))
                .run(|run| run.empirical_policy.retry_jitter_factor = jitter)
                .run(|run| run.columns.run_count = run_count)
                .from(state(Running))
                .to(state(Failed))
                .rule::<RetryFailedTasks>();
            let due = decision.state.expect("written").state_details.scheduled_time;
            assert_eq!(due, Some(NOW + TimeDelta::from_secs_f64(seconds)), "{delay:?} {run_count}");
        }
    }
}
