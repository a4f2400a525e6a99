//! When automations fire: pure functions of what a trigger knows and what happened.
//!
//! **Architecture invariant:** nothing here asks for the time or for chance, or knows a database. What a trigger
//! knows is passed in, and what it knows afterwards is passed out.

pub mod composite;
pub mod event;
pub mod index;
pub mod metric;

pub use event::Evaluation;
pub use index::{Evaluated, Index};

use sluice_wire::time::TimeDelta;

/// How long an event waits for the event that it follows, and how far back a new window reaches for events that
/// arrive out of order.
pub const LOOKBACK: TimeDelta = TimeDelta::from_secs(15 * 60);
