//! `/work_queues`: queues by id, and those of the pool that names none.

mod concurrency_status;
mod create;
mod delete;
mod filter;
mod get_runs;
mod mark_polled;
mod read;
mod read_by_name;
mod slots;
mod status;
mod update;

pub use concurrency_status::concurrency_status;
pub(super) use concurrency_status::page_count;
pub use create::create;
pub use delete::delete;
pub(super) use delete::delete_queue;
pub use filter::{FilterRequest, filter};
pub use get_runs::get_runs;
pub(super) use mark_polled::mark_polled;
pub use read::read;
pub use read_by_name::read_by_name;
pub use status::status;
pub use update::update;
