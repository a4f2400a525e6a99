//! `/ui/flows`

mod count_deployments;
mod next_runs;

pub use count_deployments::count_deployments;
pub use next_runs::next_runs;
