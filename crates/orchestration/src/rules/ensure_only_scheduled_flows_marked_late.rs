//! Only a run that still waits is late.

use sluice_wire::states::StateType;

use crate::context::Context;
use crate::facts::FlowRun;
use crate::policies::{Rule, StateSet};
use crate::verdict::Verdict;

/// Keeps a run that has moved on, or is late already, from being marked `Late`.
pub struct EnsureOnlyScheduledFlowsMarkedLate;

impl Rule<FlowRun> for EnsureOnlyScheduledFlowsMarkedLate {
    const NAME: &'static str = "EnsureOnlyScheduledFlowsMarkedLate";
    const FROM: StateSet = StateSet::ALL;
    const TO: StateSet = StateSet::of(&[StateType::Scheduled]);

    fn before(context: &mut Context<'_, FlowRun>) -> Verdict {
        let (Some(initial), Some(proposed)) = (context.initial, &context.proposed) else {
            return Verdict::Proceed;
        };
        if proposed.name != "Late" {
            Verdict::Proceed
        } else if initial.r#type != StateType::Scheduled {
            Verdict::keep_current("Only scheduled flows can be marked late.")
        } else if initial.name == "Late" {
            Verdict::keep_current("This flow run is already marked late.")
        } else {
            Verdict::Proceed
        }
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::orchestration_results::SetStateStatus::{Accept, Reject};
    use sluice_wire::states::StateType::{Pending, Running, Scheduled};

    use crate::policies::FlowPolicy;
    use crate::testing::{flow, named, reason, state};

    #[test]
    fn a_run_is_marked_late_once_and_while_it_waits() {
        let late = || named(Scheduled, "Late");
        for policy in [FlowPolicy::Core, FlowPolicy::MarkLateRuns] {
            for (from, to, words) in [
                (state(Scheduled), late(), ""),
                (named(Scheduled, "AwaitingConcurrencySlot"), late(), ""),
                (late(), late(), "This flow run is already marked late."),
                (late(), state(Scheduled), ""),
                (state(Pending), late(), "Only scheduled flows can be marked late."),
                (state(Running), late(), "Only scheduled flows can be marked late."),
            ] {
                let label = format!("{} to {}", from.name, to.name);
                let decision = flow().from(from).to(to).decide(policy);
                let status = if words.is_empty() { Accept } else { Reject };
                assert_eq!((decision.status, reason(&decision)), (status, words), "{label}");
            }
            assert_eq!(flow().to(late()).decide(policy).status, Accept, "first state");
        }
    }
}
