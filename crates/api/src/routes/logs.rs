//! Log lines of runs.

mod create;
mod filter;

pub use create::create;
pub use filter::filter;
