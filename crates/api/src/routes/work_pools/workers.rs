//! `/work_pools/{work_pool_name}/workers`

mod delete;
mod filter;
mod heartbeat;

pub use delete::delete;
pub use filter::filter;
pub use heartbeat::heartbeat;
