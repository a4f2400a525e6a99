//! Flow runs. A state of a flow run is written by [`commit_state`] alone, that of a new run by [`create`].

mod cancelled_children;
mod columns;
mod commit_state;
mod count;
mod create;
mod delete;
mod delete_expired;
mod due_in_queue;
mod expired_pauses;
mod filter;
mod graph;
mod labels;
mod lateness;
mod measured;
mod overdue;
mod overdue_cancellations;
mod page;
mod read;
mod simple;
mod states;
mod stranded;
mod task_run_dependencies;
mod update;
mod work_queue;

pub use cancelled_children::{open_subflows_of_cancelled, open_task_runs_of_cancelled};
pub use commit_state::commit_state;
pub(crate) use commit_state::take_run_columns;
pub use count::count;
pub use create::{NewFlowRun, create};
pub use delete::{delete, delete_many};
pub use delete_expired::delete_expired;
pub use due_in_queue::due_in_queue;
pub use expired_pauses::{expired_pauses, is_expired_pause};
pub use filter::{filter, filter_ids};
pub use graph::{GraphLimits, GraphOutcome, graph};
pub use labels::update_labels;
pub use lateness::average_lateness;
pub use measured::{TimedFlowRun, ended_since, started_since};
pub use overdue::{OverdueRun, overdue};
pub use overdue_cancellations::{OverdueCancellation, overdue_cancellations, state_id_for_update};
pub use read::read;
pub use simple::filter_simple;
pub use states::{read_state, read_states};
pub use stranded::{
    Claimants, ClaimedRun, WORKER_NAME_LABEL, claimed_for_update, claimed_since, note_hand_out,
};
pub use task_run_dependencies::task_run_dependencies;
pub use update::update;
pub use work_queue::{QueueLookup, work_queue_of};
