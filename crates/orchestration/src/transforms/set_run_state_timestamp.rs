//! The run carries the time of its state.

use crate::context::{Context, Run};
use crate::policies::Transform;

/// Copies the time of the new state to the run.
pub struct SetRunStateTimestamp;

impl<R: Run> Transform<R> for SetRunStateTimestamp {
    const NAME: &'static str = "SetRunStateTimestamp";

    fn before(context: &mut Context<'_, R>) {
        if let Some(proposed) = &context.proposed {
            context.run.columns_mut().state_timestamp = Some(proposed.timestamp);
        }
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::states::StateType::{Pending, Running};

    use crate::testing::{NOW, flow, state};

    #[test]
    fn the_time_follows_the_state() {
        let run =
            flow().from(state(Pending)).to(state(Running)).transform::<super::SetRunStateTimestamp>().run;
        assert_eq!(run.expect("changed").columns.state_timestamp, Some(NOW));
    }
}
