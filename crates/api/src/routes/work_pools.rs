//! `/work_pools`

mod concurrency_status;
mod count;
mod create;
mod delete;
mod filter;
mod get_scheduled_flow_runs;
pub(crate) mod job_variable_defaults;
pub(crate) mod lookup;
mod read;
mod update;
mod view;

pub mod queues;
pub mod workers;

pub use concurrency_status::concurrency_status;
pub use count::count;
pub use create::create;
pub use delete::delete;
pub use filter::filter;
pub use get_scheduled_flow_runs::get_scheduled_flow_runs;
pub use read::read;
pub use update::update;
