//! `/work_pools/{work_pool_name}/queues`

mod create;
mod delete;
mod filter;
mod read;
mod update;

pub use create::create;
pub use delete::delete;
pub use filter::filter;
pub use read::read;
pub use update::update;
