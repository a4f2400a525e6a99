//! What a flow run that is over may still become.

use std::collections::BTreeSet;

use sluice_wire::client_version::ApiVersion;
use sluice_wire::run_policies::RetryType;
use sluice_wire::states::StateType;

use super::prevent_result_data_loss::{LOSES_RESULT, holds_result};
use crate::context::Context;
use crate::facts::FlowRun;
use crate::policies::{Rule, StateSet};
use crate::verdict::Verdict;

/// A run that is over cannot be cancelled, paused or crash; one that is COMPLETED with a stored result stays so; one
/// without deployment has nobody who would run it again.
///
/// A run that starts anew forgets its pauses (for clients that know pauses, API 0.8.4).
pub struct HandleFlowTerminalStateTransitions;

impl Rule<FlowRun> for HandleFlowTerminalStateTransitions {
    const NAME: &'static str = "HandleFlowTerminalStateTransitions";
    const FROM: StateSet = StateSet::FINAL;
    const TO: StateSet = StateSet::ALL;

    fn before(context: &mut Context<'_, FlowRun>) -> Verdict {
        let (Some(initial), Some(proposed)) = (context.initial, &context.proposed) else {
            return Verdict::Proceed;
        };
        let to = proposed.r#type;
        if matches!(to, StateType::Cancelling | StateType::Paused | StateType::Crashed) {
            return Verdict::abort(format!("Run is already in terminal state {}.", initial.r#type));
        }
        if initial.r#type == StateType::Completed && holds_result(initial) {
            if !to.is_final() {
                return Verdict::keep_current("Run is already COMPLETED.");
            }
            if to == StateType::Completed && !proposed.has_persisted_result() {
                return Verdict::keep_current(LOSES_RESULT);
            }
        }
        if to == StateType::Scheduled && context.run.deployment_id.is_none() {
            return Verdict::abort("Cannot reschedule a run without an associated deployment.");
        }
        if !to.is_final() && context.environment.client.speaks_api(ApiVersion::new(0, 8, 4)) {
            let policy = &mut context.run.empirical_policy;
            policy.resuming = Some(false);
            policy.pause_keys = Some(BTreeSet::new());
            policy.retry_type = (to == StateType::Scheduled).then_some(RetryType::Reschedule);
        }
        Verdict::Proceed
    }

    fn cleanup(context: &mut Context<'_, FlowRun>) {
        context.run.empirical_policy = context.original.empirical_policy.clone();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use sluice_wire::client_version::ApiVersion;
    use sluice_wire::orchestration_results::SetStateStatus::{self, Abort, Accept, Reject};
    use sluice_wire::run_policies::RetryType;
    use sluice_wire::states::State;
    use sluice_wire::states::StateType::{
        Cancelled, Cancelling, Completed, Crashed, Failed, Paused, Pending, Running, Scheduled,
    };

    use super::HandleFlowTerminalStateTransitions;
    use crate::policies::FlowPolicy;
    use crate::testing::{deployment_with_limit, flow, limit, reason, state, with_data};

    #[test]
    fn a_run_that_is_over_may_become_little_else() {
        let stored = || with_data(Completed, json!({"type": "reference"}));
        let not_stored = || with_data(Completed, json!({"type": "unpersisted"}));
        let loses =
            "Cannot overwrite a COMPLETED state that carries persisted result data with one that does not.";
        let nobody = "Cannot reschedule a run without an associated deployment.";
        let cases: [(State, State, bool, SetStateStatus, &str); 17] = [
            (state(Failed), state(Cancelling), true, Abort, "Run is already in terminal state FAILED."),
            (state(Completed), state(Paused), true, Abort, "Run is already in terminal state COMPLETED."),
            (state(Cancelled), state(Crashed), true, Abort, "Run is already in terminal state CANCELLED."),
            (stored(), state(Running), true, Reject, "Run is already COMPLETED."),
            (stored(), state(Scheduled), true, Reject, "Run is already COMPLETED."),
            (not_stored(), state(Running), true, Accept, ""),
            (with_data(Completed, json!({})), state(Running), true, Accept, ""),
            (with_data(Completed, json!("text")), state(Running), true, Accept, ""),
            (state(Completed), state(Running), true, Accept, ""),
            (stored(), state(Completed), true, Reject, loses),
            (stored(), not_stored(), true, Reject, loses),
            (stored(), stored(), true, Accept, ""),
            (stored(), state(Failed), true, Accept, ""),
            (state(Failed), state(Scheduled), false, Abort, nobody),
            (state(Failed), state(Scheduled), true, Accept, ""),
            (state(Failed), state(Running), false, Accept, ""),
            (state(Failed), state(Failed), false, Accept, ""),
        ];
        for (from, to, deployed, status, words) in cases {
            let label = format!("{from:?} to {to:?}");
            let trial = if deployed { flow().deployed(None) } else { flow() };
            let decision = trial.from(from).to(to).rule::<HandleFlowTerminalStateTransitions>();
            assert_eq!((decision.status, reason(&decision)), (status, words), "{label}");
        }
    }

    #[test]
    fn a_run_that_starts_anew_forgets_its_pauses() {
        let old = Some(ApiVersion::new(0, 8, 3));
        for (to, api_version, retry_type) in [
            (Scheduled, None, Some(Some(RetryType::Reschedule))),
            (Running, None, Some(None)),
            (Running, old, None),
            (Completed, None, None),
        ] {
            let decision = flow()
                .deployed(None)
                .run(|run| run.empirical_policy.pause_keys = Some(["approval".to_owned()].into()))
                .run(|run| run.empirical_policy.resuming = Some(true))
                .run(|run| run.empirical_policy.retry_type = Some(RetryType::InProcess))
                .api_version(api_version)
                .from(state(Failed))
                .to(state(to))
                .rule::<HandleFlowTerminalStateTransitions>();
            assert_eq!(decision.run.is_some(), retry_type.is_some(), "{to} {api_version:?}");
            if let (Some(run), Some(retry_type)) = (decision.run, retry_type) {
                let policy = run.empirical_policy;
                assert_eq!(policy.pause_keys, Some([].into()));
                assert_eq!((policy.resuming, policy.retry_type), (Some(false), retry_type));
            }
        }
    }

    #[test]
    fn the_pauses_come_back_when_another_rule_changes_the_transition() {
        let decision = flow()
            .deployed(Some(deployment_with_limit(limit("deployment", 1, 1))))
            .run(|run| run.empirical_policy.pause_keys = Some(["approval".to_owned()].into()))
            .from(state(Failed))
            .to(state(Pending))
            .decide(FlowPolicy::Core);
        assert_eq!(decision.state.expect("written").name, "AwaitingConcurrencySlot");
        let policy = decision.run.expect("changed").empirical_policy;
        assert_eq!(policy.pause_keys, Some(["approval".to_owned()].into()));
    }
}
