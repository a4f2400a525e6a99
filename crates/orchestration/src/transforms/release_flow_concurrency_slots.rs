//! A run that stops gives its deployment's slot back.

use sluice_wire::orchestration_results::SetStateStatus;
use sluice_wire::states::StateType;

use crate::context::Context;
use crate::effects::Effect;
use crate::facts::FlowRun;
use crate::needs::{FlowNeeds, Question};
use crate::policies::{StateSet, Transform};

/// Releases the deployment's slot when the run leaves the states in which it holds one.
///
/// A run that retries in its own process keeps its slot: its engine renews the lease all along. With a lease, the
/// lease says what to give back; when its row is gone, the slot was already taken back. Without one (older workers
/// take slots themselves), one slot of the deployment's limit comes free.
pub struct ReleaseFlowConcurrencySlots;

const HOLDING: StateSet = StateSet::of(&[StateType::Pending, StateType::Running, StateType::Cancelling]);

impl Transform<FlowRun> for ReleaseFlowConcurrencySlots {
    const NAME: &'static str = "ReleaseFlowConcurrencySlots";

    fn needs(question: &Question<'_, FlowRun>, needs: &mut FlowNeeds) {
        let Some(initial) = question.initial else { return };
        let stops =
            HOLDING.contains(Some(initial.r#type)) && !HOLDING.contains(Some(question.proposed.r#type));
        if stops && initial.state_details.deployment_concurrency_lease_id.is_none() {
            needs.deployment = question.run.deployment_id;
        }
    }

    fn after(context: &mut Context<'_, FlowRun>) {
        let (Some(initial), Some(written)) = (context.initial, &context.proposed) else { return };
        let stops = HOLDING.contains(Some(initial.r#type)) && !HOLDING.contains(Some(written.r#type));
        let retries_in_process = written.r#type == StateType::Scheduled
            && written.name == "AwaitingRetry"
            && context.status == SetStateStatus::Reject;
        if !stops || retries_in_process || context.run.deployment_id.is_none() {
            return;
        }
        if let Some(id) = initial.state_details.deployment_concurrency_lease_id {
            context.effect(Effect::ReleaseLease { id });
        } else if let Some(limit) =
            context.facts.deployment.as_ref().and_then(|deployment| deployment.concurrency_limit.as_ref())
        {
            let limit_id = limit.id;
            context.effect(Effect::ReleaseSlots { limit_id, slots: 1, occupancy_seconds: None });
        }
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::ids::LeaseId;
    use sluice_wire::states::StateType::{
        Cancelled, Cancelling, Completed, Failed, Paused, Pending, Running, Scheduled,
    };

    use super::ReleaseFlowConcurrencySlots;
    use crate::effects::Effect;
    use crate::policies::FlowPolicy;
    use crate::testing::{deployment_with_limit, flow, leased, limit, named, state};

    #[test]
    fn the_slot_comes_free_when_the_run_stops() {
        let lease = LeaseId::random();
        let full = limit("deployment", 1, 1);
        let by_lease = vec![Effect::ReleaseLease { id: lease }];
        let by_limit = vec![Effect::ReleaseSlots { limit_id: full.id, slots: 1, occupancy_seconds: None }];
        for (initial, proposed, effects) in [
            (leased(Running, lease), state(Completed), by_lease.clone()),
            (leased(Pending, lease), state(Cancelled), by_lease.clone()),
            (leased(Cancelling, lease), state(Cancelled), by_lease.clone()),
            (leased(Running, lease), state(Paused), by_lease.clone()),
            (leased(Running, lease), named(Scheduled, "AwaitingRetry"), by_lease),
            (state(Running), state(Failed), by_limit),
            (leased(Pending, lease), state(Running), vec![]),
            (leased(Running, lease), state(Cancelling), vec![]),
            (leased(Scheduled, lease), state(Cancelled), vec![]),
        ] {
            let label = format!("{} to {}", initial.r#type, proposed.r#type);
            let trial = flow().deployed(Some(deployment_with_limit(full.clone()))).from(initial).to(proposed);
            assert_eq!(trial.transform::<ReleaseFlowConcurrencySlots>().effects, effects, "{label}");
        }
    }

    #[test]
    fn a_run_that_retries_in_its_process_keeps_its_slot() {
        let decision = flow()
            .deployed(Some(deployment_with_limit(limit("deployment", 1, 1))))
            .run(|run| run.empirical_policy.retries = Some(1))
            .from(leased(Running, LeaseId::random()))
            .to(state(Failed))
            .decide(FlowPolicy::Core);
        assert_eq!(decision.state.expect("written").name, "AwaitingRetry");
        assert!(!decision.effects.iter().any(|effect| matches!(effect, Effect::ReleaseLease { .. })));
    }

    #[test]
    fn the_deployment_is_loaded_only_when_there_is_no_lease() {
        for (initial, loaded) in
            [(leased(Running, LeaseId::random()), false), (state(Running), true), (state(Scheduled), false)]
        {
            let trial = flow().deployed(None).from(initial).to(state(Completed));
            assert_eq!(trial.needs().deployment.is_some(), loaded);
        }
    }
}
