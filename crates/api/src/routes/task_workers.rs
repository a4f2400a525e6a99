//! `/task_workers`

mod filter;

pub use filter::filter;
