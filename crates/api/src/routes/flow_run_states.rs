//! `/flow_run_states`

mod list;
mod read;

pub use list::list;
pub use read::read;
