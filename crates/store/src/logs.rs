//! Log lines of runs.

mod delete_expired;
mod filter;
mod insert;

pub use delete_expired::delete_expired;
pub use filter::filter;
pub use insert::insert;
