//! What travels: JSON types, filters, sorts and typed ids of the REST and WebSocket API.
//!
//! **Architecture invariant:** this crate does no I/O and knows nothing of tokio, axum or a database.
//!
//! A rule that a reader of JSON enforces ends in an error whose message begins with the reference's error type
//! in brackets, as in `[greater_than] Input should be greater than 0`; the API turns it into a 422 body.

pub mod admin;
pub mod artifacts;
pub mod automations;
pub mod base_job_template;
pub mod blocks;
pub mod client_version;
pub mod concurrency_limits;
pub mod deployments;
pub mod events;
pub mod filters;
pub mod flow_runs;
pub mod flows;
pub mod ids;
pub mod incidents;
pub mod json;
pub mod labels;
pub mod logs;
pub mod names;
pub mod numbers;
pub mod orchestration_results;
pub mod patch;
pub mod run_names;
pub mod run_policies;
pub mod saved_searches;
pub mod schedules;
pub mod sorting;
pub mod states;
pub mod task_runs;
pub mod text_search;
pub mod time;
pub mod variables;
pub mod work_pools;
pub mod work_queues;
pub mod worker_channel;
pub mod workers;
