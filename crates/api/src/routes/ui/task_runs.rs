//! `/ui/task_runs`

mod count;
mod dashboard_counts;
mod read;

pub use count::count;
pub use dashboard_counts::dashboard_counts;
pub use read::read;
