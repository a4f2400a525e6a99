//! The store on both databases.

#![expect(clippy::expect_used, reason = "a test that cannot build its case has failed")]

mod artifacts;
mod automations;
mod blocks;
mod events;
mod filters;
mod flow_run_heartbeats;
mod flow_runs;
mod flows;
mod jobs;
mod logs;
mod run_tallies;
mod saved_searches;
mod schema;
mod service_leases;
mod task_queue;
mod task_runs;
mod variables;
mod work_pools;
