//! The store on both databases.

mod events;
mod filters;
mod flows;
mod jobs;
mod logs;
mod service_leases;
mod task_runs;
