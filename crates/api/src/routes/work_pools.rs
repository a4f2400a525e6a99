//! `/work_pools`

mod base_job_template;
mod count;
mod create;
mod delete;
mod filter;
mod lookup;
mod read;
mod update;

pub mod queues;
pub mod workers;

pub use count::count;
pub use create::create;
pub use delete::delete;
pub use filter::filter;
pub use read::read;
pub use update::update;
