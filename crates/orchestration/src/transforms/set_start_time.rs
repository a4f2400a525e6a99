//! When a run first started.

use sluice_wire::states::StateType;

use crate::context::{Context, Run};
use crate::policies::Transform;

/// Notes when the run enters RUNNING for the first time.
pub struct SetStartTime;

impl<R: Run> Transform<R> for SetStartTime {
    const NAME: &'static str = "SetStartTime";

    fn before(context: &mut Context<'_, R>) {
        let Some(proposed) = &context.proposed else { return };
        if proposed.r#type == StateType::Running {
            context.run.columns_mut().start_time.get_or_insert(proposed.timestamp);
        }
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::states::StateType::{Pending, Running};
    use sluice_wire::time::Timestamp;

    use crate::testing::{NOW, flow, state};

    #[test]
    fn only_the_first_start_counts() {
        let earlier = Timestamp::from_micros(5);
        for (before, to, after) in
            [(None, Pending, None), (None, Running, Some(NOW)), (Some(earlier), Running, Some(earlier))]
        {
            let decision = flow()
                .run(|run| run.columns.start_time = before)
                .from(state(Pending))
                .to(state(to))
                .transform::<super::SetStartTime>();
            let start_time = decision.run.map_or(before, |run| run.columns.start_time);
            assert_eq!(start_time, after, "{before:?} {to}");
        }
    }
}
