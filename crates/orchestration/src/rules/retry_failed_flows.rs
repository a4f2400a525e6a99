//! A flow run that fails may start again.

use std::collections::BTreeSet;

use sluice_wire::client_version::ApiVersion;
use sluice_wire::run_policies::RetryType;
use sluice_wire::states::{State, StateType};
use sluice_wire::time::TimeDelta;

use crate::context::Context;
use crate::effects::Effect;
use crate::facts::FlowRun;
use crate::policies::{Rule, StateSet};
use crate::verdict::Verdict;

/// Schedules a failed run again, in the same process, until its retries are used up.
///
/// Clients before API 0.8.3 also need their failed task runs to wait for the retry; pauses are forgotten for those
/// that know them (API 0.8.4). The run keeps the lease of its deployment's slot.
pub struct RetryFailedFlows;

impl Rule<FlowRun> for RetryFailedFlows {
    const NAME: &'static str = "RetryFailedFlows";
    const FROM: StateSet = StateSet::of(&[StateType::Running]);
    const TO: StateSet = StateSet::of(&[StateType::Failed]);

    fn before(context: &mut Context<'_, FlowRun>) -> Verdict {
        let environment = context.environment;
        let policy = &mut context.run.empirical_policy;
        if policy.retries.is_none_or(|retries| context.run.columns.run_count > retries) {
            // The run may be started again later, by other means.
            policy.retry_type = None;
            return Verdict::Proceed;
        }
        let scheduled_time = environment.now + TimeDelta::from_secs(policy.retry_delay.unwrap_or(0));
        if environment.client.speaks_api(ApiVersion::new(0, 8, 4)) {
            policy.resuming = Some(false);
            policy.pause_keys = Some(BTreeSet::new());
            policy.retry_type = Some(RetryType::InProcess);
        }
        if !environment.client.speaks_api(ApiVersion::new(0, 8, 3)) {
            let flow_run_id = context.run.id;
            context.effect(Effect::ForceFailedTaskRunsToAwaitingRetry { flow_run_id, scheduled_time });
        }
        let id = environment.dice.replacement_state_id;
        let mut retry = State::scheduled("AwaitingRetry", scheduled_time, id, environment.now);
        if let Some(failed) = context.proposed.take() {
            retry.message = failed.message;
            retry.data = failed.data;
        }
        retry.state_details.deployment_concurrency_lease_id =
            context.initial.and_then(|state| state.state_details.deployment_concurrency_lease_id);
        Verdict::replace(retry, "Retrying")
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::client_version::ApiVersion;
    use sluice_wire::ids::LeaseId;
    use sluice_wire::orchestration_results::SetStateStatus::{Accept, Reject};
    use sluice_wire::run_policies::RetryType;
    use sluice_wire::states::StateType::{Failed, Running, Scheduled};
    use sluice_wire::time::TimeDelta;

    use super::RetryFailedFlows;
    use crate::effects::Effect;
    use crate::testing::{FLOW_RUN, NOW, flow, leased, reason, state};

    #[test]
    fn a_run_starts_again_until_its_retries_are_used_up() {
        for (retries, run_count, status) in [
            (None, 1, Accept),
            (Some(0), 1, Accept),
            (Some(1), 1, Reject),
            (Some(1), 2, Accept),
            (Some(2), 2, Reject),
        ] {
            let decision = flow()
                .run(|run| run.empirical_policy.retries = retries)
                .run(|run| run.empirical_policy.retry_type = Some(RetryType::Reschedule))
                .run(|run| run.columns.run_count = run_count)
                .from(state(Running))
                .to(state(Failed))
                .rule::<RetryFailedFlows>();
            assert_eq!(decision.status, status, "{retries:?} {run_count}");
            let retry_type = decision.run.expect("changed").empirical_policy.retry_type;
            assert_eq!(retry_type, (status == Reject).then_some(RetryType::InProcess));
        }
    }

    #[test]
    fn the_retry_carries_over_what_the_failure_said() {
        let lease = LeaseId::random();
        let mut failed = state(Failed);
        failed.message = Some("boom".to_owned());
        failed.data = Some(serde_json::json!({"type": "unpersisted"}));
        let decision = flow()
            .run(|run| run.empirical_policy.retries = Some(1))
            .run(|run| run.empirical_policy.retry_delay = Some(5))
            .run(|run| run.empirical_policy.pause_keys = Some(["approval".to_owned()].into()))
            .from(leased(Running, lease))
            .to(failed)
            .rule::<RetryFailedFlows>();
        assert_eq!(reason(&decision), "Retrying");
        let retry = decision.state.expect("written");
        assert_eq!((retry.r#type, retry.name.as_str()), (Scheduled, "AwaitingRetry"));
        assert_eq!(retry.state_details.scheduled_time, Some(NOW + TimeDelta::from_secs(5)));
        assert_eq!(retry.state_details.deployment_concurrency_lease_id, Some(lease));
        assert_eq!(retry.message.as_deref(), Some("boom"));
        assert_eq!(retry.data, Some(serde_json::json!({"type": "unpersisted"})));
        assert_eq!(decision.run.expect("changed").empirical_policy.pause_keys, Some([].into()));
    }

    #[test]
    fn old_clients_get_their_failed_tasks_back() {
        for (api_version, forced, forgotten) in [
            (None, false, true),
            (Some(ApiVersion::new(0, 8, 4)), false, true),
            (Some(ApiVersion::new(0, 8, 3)), false, false),
            (Some(ApiVersion::new(0, 8, 2)), true, false),
        ] {
            let decision = flow()
                .run(|run| run.empirical_policy.retries = Some(1))
                .api_version(api_version)
                .from(state(Running))
                .to(state(Failed))
                .rule::<RetryFailedFlows>();
            let effect =
                Effect::ForceFailedTaskRunsToAwaitingRetry { flow_run_id: FLOW_RUN, scheduled_time: NOW };
            let effects = if forced { vec![effect] } else { vec![] };
            assert_eq!(decision.effects, effects, "{api_version:?}");
            assert_eq!(decision.run.is_some(), forgotten, "{api_version:?}");
        }
    }
}
