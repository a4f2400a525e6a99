//! Messages of the worker channel that tell a worker to tear something down. A message is delivered at least once:
//! it is reserved for one worker at a time, and comes again when that worker does not answer in time.

mod enqueue;
mod expire;
mod reserve;
mod settle;
mod waiting;

use sluice_wire::time::TimeDelta;

pub use enqueue::{NewCleanupMessage, enqueue};
pub use expire::{Expired, any_expired, expire};
pub use reserve::{Reservation, ReserveFor, reserve};
pub use settle::{Settlement, settle};
pub use waiting::any_waiting;

/// How long a worker has for its answer.
const LEASE: TimeDelta = TimeDelta::from_secs(30);
/// After so many deliveries without an acknowledgement nobody is asked any more.
const MAXIMUM_DELIVERIES: i64 = 3;
