//! A deployment runs as many flow runs at once as its concurrency limit says.

use sluice_wire::states::{State, StateType};
use sluice_wire::time::TimeDelta;

use crate::context::Context;
use crate::effects::{Effect, LeaseHolder};
use crate::environment::Environment;
use crate::facts::{CollisionStrategy, Deployment, FlowRun};
use crate::needs::{FlowNeeds, Question};
use crate::policies::{Rule, StateSet};
use crate::slots::{self, ConcurrencyLimit};
use crate::verdict::Verdict;

const LIMIT_REACHED: &str = "Deployment concurrency limit reached.";

/// Takes a slot of the deployment's limit before a run becomes PENDING, so that no infrastructure starts without
/// one. The slot is held by a lease that the client then keeps alive. When the limit is full, the run waits or is
/// cancelled, as the deployment says.
pub struct SecureFlowConcurrencySlots;

impl Rule<FlowRun> for SecureFlowConcurrencySlots {
    const NAME: &'static str = "SecureFlowConcurrencySlots";
    const FROM: StateSet =
        StateSet::all_but(&[StateType::Pending, StateType::Running, StateType::Cancelling]);
    const TO: StateSet = StateSet::of(&[StateType::Pending]);

    fn needs(question: &Question<'_, FlowRun>, needs: &mut FlowNeeds) {
        if !question.environment.client.manages_deployment_concurrency() {
            needs.deployment = question.run.deployment_id;
        }
    }

    fn before(context: &mut Context<'_, FlowRun>) -> Verdict {
        let client = &context.environment.client;
        if context.run.deployment_id.is_none() || client.manages_deployment_concurrency() {
            return Verdict::Proceed;
        }
        let Some(deployment) = &context.facts.deployment else {
            return Verdict::abort("Deployment not found.");
        };
        let Some(limit) = &deployment.concurrency_limit else { return Verdict::Proceed };
        if limit.limit == 0 {
            return Verdict::abort(
                "The deployment concurrency limit is 0. The flow will deadlock if submitted again.",
            );
        }
        if take_slot(context, limit, grace_period(deployment, context.environment)) {
            return Verdict::Proceed;
        }
        let replacement = match deployment.collision_strategy {
            CollisionStrategy::Enqueue => {
                let environment = context.environment;
                let due = environment.now + environment.settings.deployment_slot_wait;
                let id = environment.dice.replacement_state_id;
                State::scheduled("AwaitingConcurrencySlot", due, id, environment.now)
            }
            CollisionStrategy::CancelNew => {
                let mut cancelled = context.replacement(StateType::Cancelled);
                cancelled.message = Some(LIMIT_REACHED.to_owned());
                cancelled
            }
        };
        Verdict::replace(replacement, LIMIT_REACHED)
    }

    fn cleanup(context: &mut Context<'_, FlowRun>) {
        context.withdraw_effects();
    }
}

/// How long a slot is held for a run's infrastructure to start.
pub(super) fn grace_period(deployment: &Deployment, environment: &Environment) -> TimeDelta {
    deployment.grace_period.unwrap_or(environment.settings.initial_deployment_lease_duration)
}

/// Takes a slot under a new lease and notes the lease in the proposed state; `false` when no slot is free.
pub(super) fn take_slot(
    context: &mut Context<'_, FlowRun>,
    limit: &ConcurrencyLimit,
    grace_period: TimeDelta,
) -> bool {
    let environment = context.environment;
    let taken = slots::acquire(&[limit], 1, environment.now, &environment.settings.slots);
    let Some(counters) = taken.and_then(|counters| counters.first().copied()) else { return false };
    let id = environment.dice.lease_id;
    if let Some(proposed) = &mut context.proposed {
        proposed.state_details.deployment_concurrency_lease_id = Some(id);
    }
    let holder = LeaseHolder::FlowRun(context.run.id);
    let expires_at = environment.now + grace_period;
    context.effect(Effect::AcquireSlots { limit_id: limit.id, slots: 1, counters });
    context.effect(Effect::CreateLease { id, limit_ids: vec![limit.id], slots: 1, holder, expires_at });
    true
}

#[cfg(test)]
mod tests {
    use sluice_wire::orchestration_results::SetStateStatus::{Abort, Accept, Reject};
    use sluice_wire::states::StateType::{Cancelled, Failed, Paused, Pending, Running, Scheduled};
    use sluice_wire::time::TimeDelta;

    use super::{LIMIT_REACHED, SecureFlowConcurrencySlots};
    use crate::effects::{Effect, LeaseHolder};
    use crate::facts::{CollisionStrategy, Deployment};
    use crate::policies::FlowPolicy;
    use crate::slots::ConcurrencyLimit;
    use crate::testing::{FLOW_RUN, NEW_LEASE, NOW, deployment_with_limit, flow, limit, reason, state};

    #[test]
    fn a_free_slot_is_taken_under_a_lease() {
        let free = limit("deployment", 2, 1);
        for (grace_period, seconds) in [(None, 300), (Some(TimeDelta::from_secs(60)), 60)] {
            let deployment = Deployment { grace_period, ..deployment_with_limit(free.clone()) };
            let trial = flow().deployed(Some(deployment)).from(state(Scheduled)).to(state(Pending));
            let decision = trial.rule::<SecureFlowConcurrencySlots>();
            assert_eq!(decision.status, Accept);
            let details = decision.state.expect("written").state_details;
            assert_eq!(details.deployment_concurrency_lease_id, Some(NEW_LEASE));
            let [Effect::AcquireSlots { limit_id, slots: 1, counters }, lease] = decision.effects.as_slice()
            else {
                panic!("{:?}", decision.effects)
            };
            assert_eq!((*limit_id, counters.active_slots), (free.id, 2));
            let expected = Effect::CreateLease {
                id: NEW_LEASE,
                limit_ids: vec![free.id],
                slots: 1,
                holder: LeaseHolder::FlowRun(FLOW_RUN),
                expires_at: NOW + TimeDelta::from_secs(seconds),
            };
            assert_eq!(*lease, expected);
        }
    }

    #[test]
    fn a_run_that_finds_no_slot_waits_or_is_cancelled() {
        let full = deployment_with_limit(limit("deployment", 1, 1));
        let inactive = ConcurrencyLimit { active: false, ..limit("deployment", 5, 0) };
        let cancel_new = Deployment { collision_strategy: CollisionStrategy::CancelNew, ..full.clone() };
        for (deployment, name, message) in [
            (full, "AwaitingConcurrencySlot", None),
            (deployment_with_limit(inactive), "AwaitingConcurrencySlot", None),
            (cancel_new, "Cancelled", Some(LIMIT_REACHED)),
        ] {
            let trial = flow().deployed(Some(deployment)).from(state(Scheduled)).to(state(Pending));
            let decision = trial.rule::<SecureFlowConcurrencySlots>();
            assert_eq!((decision.status, reason(&decision)), (Reject, LIMIT_REACHED));
            assert_eq!(decision.effects, []);
            let written = decision.state.expect("written");
            assert_eq!((written.name.as_str(), written.message.as_deref()), (name, message));
            if written.r#type == Scheduled {
                assert_eq!(written.state_details.scheduled_time, Some(NOW + TimeDelta::from_secs(30)));
            } else {
                assert_eq!(written.r#type, Cancelled);
            }
        }
    }

    #[test]
    fn runs_without_a_limit_to_keep_are_left_alone() {
        let zero = deployment_with_limit(limit("deployment", 0, 0));
        let deadlock = "The deployment concurrency limit is 0. The flow will deadlock if submitted again.";
        let unlimited = Deployment { concurrency_limit: None, ..zero.clone() };
        for (deployment, client, status, words) in [
            (None, "3.8.8", Abort, "Deployment not found."),
            (Some(zero.clone()), "3.8.8", Abort, deadlock),
            (Some(unlimited), "3.8.8", Accept, ""),
            (Some(zero.clone()), "3.0.3", Accept, ""),
            (Some(zero), "3.0.0rc20", Accept, ""),
        ] {
            let trial = flow().deployed(deployment).client_version(Some(client));
            let decision = trial.from(state(Failed)).to(state(Pending)).rule::<SecureFlowConcurrencySlots>();
            assert_eq!((decision.status, reason(&decision)), (status, words), "{client}");
            assert_eq!(decision.effects, []);
        }
        let decision = flow().from(state(Scheduled)).to(state(Pending)).rule::<SecureFlowConcurrencySlots>();
        assert_eq!(decision.status, Accept, "no deployment");
    }

    #[test]
    fn a_slot_is_not_kept_when_another_rule_changes_the_transition() {
        let decision = flow()
            .deployed(Some(deployment_with_limit(limit("deployment", 2, 1))))
            .from(state(Paused))
            .to(state(Pending))
            .decide(FlowPolicy::Core);
        assert_eq!(decision.status, Reject, "a paused run does not become pending");
        assert_eq!(decision.effects, []);
    }

    #[test]
    fn the_deployment_is_loaded_only_for_runs_that_are_submitted() {
        for (from, to, loaded) in [
            (Scheduled, Pending, true),
            (Failed, Pending, true),
            (Pending, Running, false),
            (Scheduled, Running, false),
        ] {
            let needs = flow().deployed(None).from(state(from)).to(state(to)).needs();
            assert_eq!(needs.deployment.is_some(), loaded, "{from} to {to}");
        }
    }
}
