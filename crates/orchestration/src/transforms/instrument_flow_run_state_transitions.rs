//! Every new state of a flow run is an event.

use crate::context::Context;
use crate::effects::Effect;
use crate::facts::FlowRun;
use crate::policies::Transform;

/// Asks for the event `prefect.flow-run.<state name>` when a state was written.
pub struct InstrumentFlowRunStateTransitions;

impl Transform<FlowRun> for InstrumentFlowRunStateTransitions {
    const NAME: &'static str = "InstrumentFlowRunStateTransitions";

    fn after(context: &mut Context<'_, FlowRun>) {
        if context.proposed.is_some() {
            context.effect(Effect::EmitFlowRunStateEvent);
        }
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::states::StateType::{Cancelling, Failed, Pending, Running};

    use crate::effects::Effect;
    use crate::policies::FlowPolicy;
    use crate::testing::{flow, state};

    #[test]
    fn an_event_goes_out_for_every_state_that_is_written() {
        for (from, to, events) in [(Pending, Running, 1), (Running, Failed, 1), (Failed, Cancelling, 0)] {
            let decision = flow().from(state(from)).to(state(to)).decide(FlowPolicy::Core);
            let emitted =
                decision.effects.iter().filter(|effect| **effect == Effect::EmitFlowRunStateEvent).count();
            assert_eq!(emitted, events, "{from} to {to}");
        }
    }
}
