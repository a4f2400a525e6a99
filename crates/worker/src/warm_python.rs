//! Interpreters that have Prefect imported before a run needs them. Starting Python and importing Prefect costs more
//! than everything else about a short run; a child that is forked from an interpreter that has done both does not pay
//! for it, and is in every other respect what a cold start would be. Where that cannot be promised,
//! [`reason_for_a_cold_start`] says why.

mod decide;
mod fork_server;
mod interpreter;
mod pool;
mod standby;

pub use decide::{StartKey, reason_for_a_cold_start};
pub use pool::{Recycling, WarmError, WarmPool, WarmPython};
