//! One folder a noun, one file a verb.

pub mod admin;
pub mod artifacts;
pub mod automations;
pub mod collections;
pub mod concurrency_limits;
pub mod csrf_token;
pub mod deployments;
pub mod events;
pub mod flow_run_states;
pub mod flow_runs;
pub mod flows;
pub mod health;
pub mod logs;
pub mod metrics;
pub(crate) mod run_history;
pub(crate) mod run_logs;
pub(crate) mod run_parameters;
pub mod saved_searches;
pub mod task_run_states;
pub mod task_runs;
pub mod task_workers;
pub mod ui;
pub mod v2_concurrency_limits;
pub mod variables;
pub mod work_pools;
pub mod work_queues;
