//! Task runs: those that a client governs itself and reports in events ([`record`]), and those that go through
//! the rules here ([`create`], [`commit_state`]).

mod columns;
mod commit_state;
mod count;
mod create;
mod dashboard;
mod delete;
mod filter;
mod read;
mod record;
mod states;
mod update;

pub(crate) use columns::{from_row, select_task_runs};
pub use commit_state::{TaskStateChange, commit_state};
pub use count::{count, count_by_state};
pub use create::create;
pub use dashboard::{count_by_flow_run, count_completed_and_failed};
pub use delete::delete;
pub use filter::filter;
pub use read::{read, read_with_flow_run_name};
pub use record::record;
pub use states::{read_state, read_states};
pub use update::update;
