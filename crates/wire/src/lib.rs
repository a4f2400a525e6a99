//! What travels: JSON types, filters, sorts and typed ids of the REST and WebSocket API.
//!
//! **Architecture invariant:** this crate does no I/O and knows nothing of tokio, axum or a database.

pub mod client_version;
pub mod ids;
pub mod patch;
pub mod schedules;
pub mod states;
pub mod time;
