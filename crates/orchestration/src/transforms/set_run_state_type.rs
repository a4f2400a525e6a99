//! The run carries the type of its state.

use crate::context::{Context, Run};
use crate::policies::Transform;

/// Copies the type of the new state to the run.
pub struct SetRunStateType;

impl<R: Run> Transform<R> for SetRunStateType {
    const NAME: &'static str = "SetRunStateType";

    fn before(context: &mut Context<'_, R>) {
        if let Some(proposed) = &context.proposed {
            context.run.columns_mut().state_type = Some(proposed.r#type);
        }
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::states::StateType::{Pending, Running};

    use crate::testing::{flow, state};

    #[test]
    fn the_type_follows_the_state() {
        let run = flow().from(state(Pending)).to(state(Running)).transform::<super::SetRunStateType>().run;
        assert_eq!(run.expect("changed").columns.state_type, Some(Running));
    }
}
