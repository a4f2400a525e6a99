//! Clients that do not renew leases must not lose their slot while they run.

use sluice_wire::states::StateType;
use sluice_wire::time::TimeDelta;

use crate::context::Context;
use crate::effects::Effect;
use crate::facts::FlowRun;
use crate::policies::{Rule, StateSet};

/// Frees the deployment's slot of a run from its lease's end, when the client does not renew leases (before 3.4.11,
/// or no version at all).
///
/// The reference deletes the lease and leaves the slot taken. Here every slot has a lease, so that what holds a slot
/// can always be told; this one gets an end that nobody will see, and goes when the run stops.
pub struct RemoveDeploymentConcurrencyLeaseForOldClientVersions;

/// A hundred years, as for the slots of tags.
pub(super) const ENDLESS: TimeDelta = TimeDelta::from_secs(100 * 365 * 24 * 60 * 60);

impl Rule<FlowRun> for RemoveDeploymentConcurrencyLeaseForOldClientVersions {
    const NAME: &'static str = "RemoveDeploymentConcurrencyLeaseForOldClientVersions";
    const FROM: StateSet = StateSet::of(&[StateType::Pending]);
    const TO: StateSet = StateSet::of(&[StateType::Running, StateType::Cancelling]);

    fn after(context: &mut Context<'_, FlowRun>) {
        let lease_id = context.initial.and_then(|state| state.state_details.deployment_concurrency_lease_id);
        if let (Some(id), false) = (lease_id, context.environment.client.renews_leases()) {
            let expires_at = context.environment.now + ENDLESS;
            context.effect(Effect::RenewLease { id, expires_at });
        }
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::ids::LeaseId;
    use sluice_wire::states::StateType::{Cancelled, Cancelling, Pending, Running};

    use super::{ENDLESS, RemoveDeploymentConcurrencyLeaseForOldClientVersions};
    use crate::effects::Effect;
    use crate::testing::{NOW, flow, leased, state};

    #[test]
    fn only_old_clients_keep_their_slot_without_renewing() {
        let id = LeaseId::random();
        let endless = vec![Effect::RenewLease { id, expires_at: NOW + ENDLESS }];
        for (client, to, effects) in [
            (Some("3.8.8"), Running, vec![]),
            (Some("3.4.11"), Running, vec![]),
            (Some("3.4.10"), Running, endless.clone()),
            (None, Cancelling, endless),
            (None, Cancelled, vec![]),
        ] {
            let trial = flow().client_version(client).from(leased(Pending, id)).to(state(to));
            let decision = trial.rule::<RemoveDeploymentConcurrencyLeaseForOldClientVersions>();
            assert_eq!(decision.effects, effects, "{client:?} {to}");
        }
    }
}
