//! A run that runs again is no longer coming back from a pause.

use sluice_wire::client_version::ApiVersion;
use sluice_wire::states::StateType;

use crate::context::Context;
use crate::facts::FlowRun;
use crate::policies::Transform;

/// Clears `resuming` when the run enters RUNNING or is over (for clients that know pauses, API 0.8.4).
pub struct RemoveResumingIndicator;

impl Transform<FlowRun> for RemoveResumingIndicator {
    const NAME: &'static str = "RemoveResumingIndicator";

    fn before(context: &mut Context<'_, FlowRun>) {
        let Some(proposed) = &context.proposed else { return };
        let knows_pauses = context.environment.client.speaks_api(ApiVersion::new(0, 8, 4));
        let back = proposed.r#type == StateType::Running || proposed.is_final();
        if knows_pauses && back && context.run.empirical_policy.is_resuming() {
            context.run.empirical_policy.resuming = Some(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::client_version::ApiVersion;
    use sluice_wire::states::StateType::{Failed, Paused, Pending, Running};

    use crate::testing::{flow, state};

    #[test]
    fn the_mark_goes_when_the_run_is_back() {
        let old = Some(ApiVersion::new(0, 8, 3));
        for (to, api_version, resuming) in
            [(Running, None, false), (Failed, None, false), (Pending, None, true), (Running, old, true)]
        {
            let decision = flow()
                .run(|run| run.empirical_policy.resuming = Some(true))
                .api_version(api_version)
                .from(state(Paused))
                .to(state(to))
                .transform::<super::RemoveResumingIndicator>();
            let after = decision.run.is_none_or(|run| run.empirical_policy.is_resuming());
            assert_eq!(after, resuming, "{to} {api_version:?}");
        }
    }
}
