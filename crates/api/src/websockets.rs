//! The WebSocket routes, one file each.

mod events_in;
mod events_out;
pub(crate) mod handshake;
mod logs_out;
mod recent_ids;
mod scheduled_task_runs;
mod worker_channel;

pub use events_in::events_in;
pub use events_out::events_out;
pub use logs_out::logs_out;
pub use scheduled_task_runs::scheduled_task_runs;
pub use worker_channel::worker_channel;
