//! `/ui/flow_runs`

mod count_task_runs;
mod history;

pub use count_task_runs::count_task_runs;
pub use history::history;
