//! Flow runs. A state of a flow run is written by [`commit_state`] alone, that of a new run by [`create`].

mod columns;
mod commit_state;
mod count;
mod create;
mod delete;
mod delete_expired;
mod due_in_queue;
mod filter;
mod graph;
mod labels;
mod lateness;
mod read;
mod simple;
mod states;
mod task_run_dependencies;
mod update;
mod work_queue;

pub use commit_state::commit_state;
pub(crate) use commit_state::take_run_columns;
pub use count::count;
pub use create::{NewFlowRun, create};
pub use delete::{delete, delete_many};
pub use delete_expired::delete_expired;
pub use due_in_queue::due_in_queue;
pub use filter::{filter, filter_ids};
pub use graph::{GraphLimits, GraphOutcome, graph};
pub use labels::update_labels;
pub use lateness::average_lateness;
pub use read::read;
pub use simple::filter_simple;
pub use states::{read_state, read_states};
pub use task_run_dependencies::task_run_dependencies;
pub use update::update;
pub use work_queue::{QueueLookup, deployment_exists, work_queue_of};
