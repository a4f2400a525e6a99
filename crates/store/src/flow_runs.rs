//! Flow runs. A state of a flow run is written by [`commit_state`] alone, that of a new run by [`create`].

mod columns;
mod commit_state;
mod count;
mod create;
mod delete;
mod filter;
mod labels;
mod read;
mod states;
mod update;
mod work_queue;

pub use commit_state::commit_state;
pub(crate) use commit_state::take_run_columns;
pub use count::count;
pub use create::{NewFlowRun, create};
pub use delete::{delete, delete_many};
pub use filter::{filter, filter_ids};
pub use labels::update_labels;
pub use read::read;
pub use states::{read_state, read_states};
pub use update::update;
pub use work_queue::{QueueLookup, deployment_exists, work_queue_of};
