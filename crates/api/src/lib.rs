//! The REST and WebSocket API: every route, its handler, its errors.
//!
//! **Architecture invariants:** [`router`] lists every route, once. A handler never sees a connection, only
//! functions of the store inside a transaction. The path of a URL is the path of its handler's file.

mod app;
mod errors;
mod extract;
mod middleware;
mod responses;
mod router;
mod routes;
mod task_workers;
mod version;
mod websockets;

pub use app::{ApiSettings, App, RenderMetrics};
pub use errors::ApiError;
pub use router::service;
pub use task_workers::TaskWorkers;
