//! The run carries the name of its state.

use crate::context::{Context, Run};
use crate::policies::Transform;

/// Copies the name of the new state to the run.
pub struct SetRunStateName;

impl<R: Run> Transform<R> for SetRunStateName {
    const NAME: &'static str = "SetRunStateName";

    fn before(context: &mut Context<'_, R>) {
        if let Some(proposed) = &context.proposed {
            context.run.columns_mut().state_name = Some(proposed.name.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::states::StateType::{Running, Scheduled};

    use crate::testing::{flow, named, state};

    #[test]
    fn the_name_follows_the_state() {
        let trial = flow().from(state(Running)).to(named(Scheduled, "AwaitingRetry"));
        let run = trial.transform::<super::SetRunStateName>().run;
        assert_eq!(run.expect("changed").columns.state_name.as_deref(), Some("AwaitingRetry"));
    }
}
