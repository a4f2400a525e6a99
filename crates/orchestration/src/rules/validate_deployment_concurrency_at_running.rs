//! A run that starts still holds the slot under which it was submitted.

use sluice_wire::states::StateType;

use super::secure_flow_concurrency_slots::{grace_period, take_slot};
use crate::context::Context;
use crate::effects::Effect;
use crate::facts::FlowRun;
use crate::needs::{FlowNeeds, Question};
use crate::policies::{Rule, StateSet};
use crate::verdict::Verdict;

/// Renews the lease of the deployment's slot when a PENDING run starts. When the lease was taken back meanwhile, takes
/// another slot; when none is free, cancels the run: its infrastructure is up and cannot wait.
///
/// Only for clients that keep leases alive (3.4.11 and later).
pub struct ValidateDeploymentConcurrencyAtRunning;

impl Rule<FlowRun> for ValidateDeploymentConcurrencyAtRunning {
    const NAME: &'static str = "ValidateDeploymentConcurrencyAtRunning";
    const FROM: StateSet = StateSet::of(&[StateType::Pending]);
    const TO: StateSet = StateSet::of(&[StateType::Running]);

    fn needs(question: &Question<'_, FlowRun>, needs: &mut FlowNeeds) {
        let lease_id = question.initial.and_then(|state| state.state_details.deployment_concurrency_lease_id);
        if lease_id.is_some() && question.environment.client.renews_leases() {
            needs.lease = lease_id;
            needs.deployment = question.run.deployment_id;
        }
    }

    fn before(context: &mut Context<'_, FlowRun>) -> Verdict {
        let (Some(initial), Some(proposed)) = (context.initial, &mut context.proposed) else {
            return Verdict::Proceed;
        };
        let lease_id = initial.state_details.deployment_concurrency_lease_id;
        proposed.state_details.deployment_concurrency_lease_id = lease_id;
        let Some(id) = lease_id else { return Verdict::Proceed };
        if !context.environment.client.renews_leases() || context.run.deployment_id.is_none() {
            return Verdict::Proceed;
        }
        let Some(deployment) = &context.facts.deployment else { return Verdict::Proceed };
        let Some(limit) = &deployment.concurrency_limit else { return Verdict::Proceed };
        let grace_period = grace_period(deployment, context.environment);
        if context.facts.lease_exists {
            let expires_at = context.environment.now + grace_period;
            context.effect(Effect::RenewLease { id, expires_at });
            return Verdict::Proceed;
        }
        if take_slot(context, limit, grace_period) {
            return Verdict::Proceed;
        }
        let mut cancelled = context.replacement(StateType::Cancelled);
        cancelled.message = Some(
            "Deployment concurrency slot lost during provisioning - no slots available to continue execution"
                .to_owned(),
        );
        Verdict::replace(cancelled, "Deployment concurrency limit reached after lease expiry.")
    }

    /// The run does not start now: a slot that was taken anew goes back, because no state says who holds it. A lease
    /// that was renewed stays renewed: the run still waits for its start.
    fn cleanup(context: &mut Context<'_, FlowRun>) {
        context.withdraw_slots();
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::ids::LeaseId;
    use sluice_wire::orchestration_results::SetStateStatus::{Accept, Reject, Wait};
    use sluice_wire::states::StateType::{Cancelled, Pending, Running};
    use sluice_wire::time::TimeDelta;

    use super::ValidateDeploymentConcurrencyAtRunning;
    use crate::effects::Effect;
    use crate::policies::FlowPolicy;
    use crate::testing::{NEW_LEASE, NOW, deployment_with_limit, flow, leased, limit, reason, state};

    #[test]
    fn a_living_lease_is_renewed() {
        let lease = LeaseId::random();
        let decision = flow()
            .deployed(Some(deployment_with_limit(limit("deployment", 1, 1))))
            .facts(|facts| facts.lease_exists = true)
            .from(leased(Pending, lease))
            .to(state(Running))
            .rule::<ValidateDeploymentConcurrencyAtRunning>();
        let expires_at = NOW + TimeDelta::from_secs(300);
        assert_eq!(decision.effects, [Effect::RenewLease { id: lease, expires_at }]);
        let details = decision.state.expect("written").state_details;
        assert_eq!(details.deployment_concurrency_lease_id, Some(lease));
    }

    #[test]
    fn a_lost_slot_is_taken_again_or_the_run_is_cancelled() {
        for (taken, status, words) in
            [(0, Accept, ""), (1, Reject, "Deployment concurrency limit reached after lease expiry.")]
        {
            let decision = flow()
                .deployed(Some(deployment_with_limit(limit("deployment", 1, taken))))
                .from(leased(Pending, LeaseId::random()))
                .to(state(Running))
                .rule::<ValidateDeploymentConcurrencyAtRunning>();
            assert_eq!((decision.status, reason(&decision)), (status, words));
            let written = decision.state.expect("written");
            if status == Accept {
                assert_eq!(written.state_details.deployment_concurrency_lease_id, Some(NEW_LEASE));
                assert!(decision.effects.iter().all(Effect::takes_a_slot));
                assert_eq!(decision.effects.len(), 2);
            } else {
                assert_eq!(written.r#type, Cancelled);
                assert_eq!(decision.effects, []);
            }
        }
    }

    #[test]
    fn a_run_that_must_still_wait_takes_no_new_slot_but_keeps_its_own() {
        for (lease_exists, effects) in [(false, 0), (true, 1)] {
            let mut initial = leased(Pending, LeaseId::random());
            initial.state_details.scheduled_time = Some(NOW + TimeDelta::from_secs(7));
            let decision = flow()
                .deployed(Some(deployment_with_limit(limit("deployment", 1, 0))))
                .facts(|facts| facts.lease_exists = lease_exists)
                .from(initial)
                .to(state(Running))
                .decide(FlowPolicy::Core);
            assert_eq!((decision.status, decision.effects.len()), (Wait, effects));
            assert!(!decision.effects.iter().any(Effect::takes_a_slot));
        }
    }

    #[test]
    fn clients_that_do_not_renew_leases_keep_theirs() {
        let lease = LeaseId::random();
        let trial = |client| {
            flow().deployed(None).client_version(client).from(leased(Pending, lease)).to(state(Running))
        };
        for client in [None, Some("3.4.10")] {
            assert_eq!(trial(client).needs().lease, None);
            let decision = trial(client).rule::<ValidateDeploymentConcurrencyAtRunning>();
            assert_eq!(decision.effects, []);
            let details = decision.state.expect("written").state_details;
            assert_eq!(details.deployment_concurrency_lease_id, Some(lease));
        }
        let needs = trial(Some("3.8.8")).needs();
        assert_eq!((needs.lease, needs.deployment.is_some()), (Some(lease), true));
    }
}
