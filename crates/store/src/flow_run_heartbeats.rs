//! The heartbeats of flow runs: one row for each run that is RUNNING and was heard of.

mod check_again;
mod record;
mod watched;

pub use check_again::{check_again, forget};
pub use record::{NewHeartbeat, record};
pub use watched::{Heartbeats, WatchedRun, due, watched_for_update};
