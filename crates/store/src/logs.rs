//! Log lines of runs.

mod committed_by_others;
mod delete_expired;
mod filter;
mod insert;

pub use committed_by_others::committed_by_others;
pub use delete_expired::delete_expired;
pub use filter::filter;
pub use insert::insert;
