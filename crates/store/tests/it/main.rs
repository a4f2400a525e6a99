//! The store on both databases.

mod filters;
mod events;
mod flows;
mod jobs;
mod logs;
mod service_leases;
mod task_runs;
