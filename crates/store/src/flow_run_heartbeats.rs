//! The heartbeats of flow runs: one row for each run that is RUNNING and was heard of.

mod check_again;
mod expect;
mod record;
mod watched;

use sluice_wire::time::Timestamp;

/// In place of the time at which a heartbeat was sent: none was, but one is expected.
const NEVER: Timestamp = Timestamp::from_micros(0);

pub use check_again::{check_again, forget};
pub use expect::{UnheardRun, expect, unheard};
pub use record::{NewHeartbeat, record};
pub use watched::{Heartbeats, WatchedRun, due, watched_for_update};
