//! Cleanup messages: what workers are told to tear down over the worker channel.

mod enqueue;

pub use enqueue::{NewCleanupMessage, enqueue};
