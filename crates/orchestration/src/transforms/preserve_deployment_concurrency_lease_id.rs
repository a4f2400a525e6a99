//! A run's lease survives states that do not mention it.

use crate::context::Context;
use crate::facts::FlowRun;
use crate::policies::Transform;

/// Carries the lease of the deployment's slot from the current state to a proposed one that has none: clients send
/// an explicit null.
pub struct PreserveDeploymentConcurrencyLeaseId;

impl Transform<FlowRun> for PreserveDeploymentConcurrencyLeaseId {
    const NAME: &'static str = "PreserveDeploymentConcurrencyLeaseId";

    fn before(context: &mut Context<'_, FlowRun>) {
        let (Some(initial), Some(proposed)) = (context.initial, &mut context.proposed) else { return };
        let lease_id = &mut proposed.state_details.deployment_concurrency_lease_id;
        *lease_id = lease_id.or(initial.state_details.deployment_concurrency_lease_id);
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::ids::LeaseId;
    use sluice_wire::states::StateType::{Pending, Running};

    use crate::testing::{flow, leased, state};

    #[test]
    fn a_proposed_lease_wins_over_the_current_one() {
        let (old, new) = (LeaseId::random(), LeaseId::random());
        for (current, proposed, written) in [
            (state(Pending), state(Running), None),
            (leased(Pending, old), state(Running), Some(old)),
            (leased(Pending, old), leased(Running, new), Some(new)),
        ] {
            let decision =
                flow().from(current).to(proposed).transform::<super::PreserveDeploymentConcurrencyLeaseId>();
            let details = decision.state.expect("written").state_details;
            assert_eq!(details.deployment_concurrency_lease_id, written);
        }
    }
}
