//! The way of an event: received, made durable, handed to who listens.
//!
//! Everything that happens ends up in [`Events::accept`] (clients), [`Events::publish`] (requests) or the outbox
//! (this server's own, committed with the change they tell of). One task takes what was accepted in batches,
//! commits each, and only then hands it to the [`Bus`]. [`Events::settle`] returns when everything that was
//! accepted before is committed.
//!
//! **Architecture invariants:** nothing is handed on that is not on disk. Memory is bounded: when the database
//! cannot keep up, [`Events::accept`] waits, and with it the connection that the event came from.

mod bus;
mod committer;
mod events;
pub mod flow_run_heartbeats;
mod live;
mod logs;
mod outbox_pump;
mod replicas;
mod task_runs;
pub mod triggers;

pub use bus::{Bus, Missed, Subscription};
pub use events::{Events, EventsError};
pub use live::{LiveEvent, LiveLogs};
