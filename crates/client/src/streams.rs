//! The WebSockets of the API, from the client's side. Each begins with the handshake of `wire-protocol` 1.2: the first
//! frame says who asks, the server says that it accepts it.
//!
//! A stream ends with an error when its connection breaks. Whoever wants to go on connects again and says from when on.

mod connection;
mod events_in;
mod events_out;
mod logs_out;
mod worker_channel;

pub use connection::{Connection, StreamError};
pub use events_in::EventsIn;
pub use events_out::EventsOut;
pub use logs_out::LogsOut;
pub use worker_channel::WorkerChannel;
