//! Workers and their heartbeats.

mod any_online;
mod delete;
mod filter;
mod heartbeat;
mod silent;

pub use any_online::any_online;
pub use delete::delete;
pub use filter::filter;
pub use heartbeat::heartbeat;
pub use silent::{mark_offline, silent};
