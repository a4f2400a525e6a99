//! `/work_queues`: queues by id, and those of the pool that names none.

mod delete;
mod filter;
mod read;
mod update;

pub use delete::delete;
pub(super) use delete::delete_queue;
pub use filter::{FilterRequest, filter};
pub use read::read;
pub use update::update;
