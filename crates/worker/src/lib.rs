//! The worker: takes the runs that are due in a work pool, starts what runs them, watches over it, and says how it
//! ended. Where something runs is the business of a [`Launcher`](launchers::Launcher).
//!
//! [`work`] runs a worker from its start to its end. Inside, `worker` asks for runs whenever some may be due, and
//! `flow_run` sees one through; `channel` and `cancellation` hear what the server says meanwhile.

mod adoption;
mod cancellation;
mod channel;
mod cleanup;
mod exit_codes;
mod flow_run;
mod health;
mod job;
pub mod launchers;
mod options;
mod run_logs;
mod shared;
pub mod template;
pub mod warm_python;
mod worker;
mod worker_events;

pub use options::{AtShutdown, WorkerOptions};
pub use worker::{Request, WorkerError, find_pool, work};
