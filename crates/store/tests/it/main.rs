//! The store on both databases.

mod filters;
mod flows;
mod jobs;
mod service_leases;
mod task_runs;
