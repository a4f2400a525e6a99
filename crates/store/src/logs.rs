//! Log lines of runs.

mod delete_expired;
mod insert;

pub use delete_expired::{delete_expired, delete_of_flow_runs};
pub use insert::insert;
