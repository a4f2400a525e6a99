//! The store on both databases.

mod artifacts;
mod events;
mod filters;
mod flow_runs;
mod flows;
mod jobs;
mod logs;
mod saved_searches;
mod service_leases;
mod task_runs;
mod variables;
mod work_pools;
