//! A deployment that cancels what finds no slot also cancels what is late because of it.

use sluice_wire::states::StateType;

use crate::context::Context;
use crate::facts::{CollisionStrategy, FlowRun};
use crate::needs::{FlowNeeds, Question};
use crate::policies::{Rule, StateSet};
use crate::verdict::Verdict;

/// Cancels, instead of marking it `Late`, a run whose deployment is full and cancels new runs: it never got as far as
/// PENDING, where it would have been cancelled.
pub struct EnforceDeploymentConcurrencyOnLate;

impl Rule<FlowRun> for EnforceDeploymentConcurrencyOnLate {
    const NAME: &'static str = "EnforceDeploymentConcurrencyOnLate";
    const FROM: StateSet = StateSet::of(&[StateType::Scheduled]);
    const TO: StateSet = StateSet::of(&[StateType::Scheduled]);

    fn needs(question: &Question<'_, FlowRun>, needs: &mut FlowNeeds) {
        if question.proposed.name == "Late" {
            needs.deployment = question.run.deployment_id;
        }
    }

    fn before(context: &mut Context<'_, FlowRun>) -> Verdict {
        let late = context.proposed.as_ref().is_some_and(|state| state.name == "Late");
        let cancels_new_runs = context.facts.deployment.as_ref().filter(|deployment| {
            context.run.deployment_id.is_some()
                && deployment.collision_strategy == CollisionStrategy::CancelNew
        });
        let limit = cancels_new_runs.and_then(|deployment| deployment.concurrency_limit.as_ref());
        let full = limit.is_some_and(|limit| limit.counters.active_slots >= limit.limit);
        if !late || !full {
            return Verdict::Proceed;
        }
        let mut cancelled = context.replacement(StateType::Cancelled);
        cancelled.message = Some("Deployment concurrency limit reached.".to_owned());
        Verdict::replace(cancelled, "Deployment concurrency limit is full and uses the CANCEL_NEW strategy.")
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::states::StateType::{Cancelled, Scheduled};

    use crate::facts::{CollisionStrategy, Deployment};
    use crate::policies::FlowPolicy;
    use crate::testing::{deployment_with_limit, flow, limit, named, reason, state};

    #[test]
    fn late_runs_of_a_full_deployment_are_cancelled_when_it_says_so() {
        let deployment = |active_slots, collision_strategy| Deployment {
            collision_strategy,
            ..deployment_with_limit(limit("deployment", 1, active_slots))
        };
        let full = "Deployment concurrency limit is full and uses the CANCEL_NEW strategy.";
        for (deployment, name, written, words) in [
            (deployment(1, CollisionStrategy::CancelNew), "Late", Cancelled, full),
            (deployment(0, CollisionStrategy::CancelNew), "Late", Scheduled, ""),
            (deployment(1, CollisionStrategy::Enqueue), "Late", Scheduled, ""),
            (deployment(1, CollisionStrategy::CancelNew), "Scheduled", Scheduled, ""),
        ] {
            let decision = flow()
                .deployed(Some(deployment))
                .from(state(Scheduled))
                .to(named(Scheduled, name))
                .decide(FlowPolicy::MarkLateRuns);
            assert_eq!(reason(&decision), words);
            assert_eq!(decision.state.expect("written").r#type, written);
        }
    }

    #[test]
    fn the_deployment_is_loaded_for_late_runs() {
        for (name, loaded) in [("Late", true), ("Scheduled", false)] {
            let trial = flow().deployed(None).from(state(Scheduled)).to(named(Scheduled, name));
            assert_eq!(trial.needs_of(FlowPolicy::MarkLateRuns).deployment.is_some(), loaded);
        }
    }
}
