//! Workers and their heartbeats.

mod any_online;
mod delete;
mod filter;
mod heartbeat;

pub(crate) use any_online::any_online;
pub use delete::delete;
pub use filter::filter;
pub use heartbeat::heartbeat;
