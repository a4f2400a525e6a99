//! How often a flow run has started.

use sluice_wire::client_version::ApiVersion;
use sluice_wire::states::StateType;

use crate::context::Context;
use crate::facts::FlowRun;
use crate::policies::Transform;

/// Counts every entry into RUNNING, but not the return from a pause (for clients that know pauses, API 0.8.4).
pub struct IncrementFlowRunCount;

impl Transform<FlowRun> for IncrementFlowRunCount {
    const NAME: &'static str = "IncrementFlowRunCount";

    fn before(context: &mut Context<'_, FlowRun>) {
        if context.proposed_type() != Some(StateType::Running) {
            return;
        }
        let knows_pauses = context.environment.client.speaks_api(ApiVersion::new(0, 8, 4));
        if !(knows_pauses && context.run.empirical_policy.is_resuming()) {
            context.run.columns.run_count += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::client_version::ApiVersion;
    use sluice_wire::states::StateType::{Completed, Pending, Running};

    use crate::testing::{flow, state};

    #[test]
    fn a_resumed_run_has_not_started_again() {
        let old = Some(ApiVersion::new(0, 8, 3));
        for (to, resuming, api_version, run_count) in [
            (Running, Some(false), None, 3),
            (Running, None, None, 3),
            (Running, Some(true), None, 2),
            (Running, Some(true), old, 3),
            (Completed, Some(false), None, 2),
        ] {
            let decision = flow()
                .run(|run| run.columns.run_count = 2)
                .run(|run| run.empirical_policy.resuming = resuming)
                .api_version(api_version)
                .from(state(Pending))
                .to(state(to))
                .transform::<super::IncrementFlowRunCount>();
            let count = decision.run.map_or(2, |run| run.columns.run_count);
            assert_eq!(count, run_count, "{to} {resuming:?} {api_version:?}");
        }
    }
}
