//! The only place with SQL: connections, dialects, migrations, filters and one function a file for what is
//! read and written.
//!
//! **Architecture invariants:** SQL text exists only in this crate. A job sees a [`Tx`], never a connection.
//! A job is all or nothing: when it returns an error, nothing of it is stored. What a write job returns is
//! handed out only after the commit is on disk.

/// The stack of every thread that runs jobs or requests. Clients may nest templates, schemas and filters as deep as
/// their readers allow, and a reader needs some stack for every level; what is not used costs no memory.
pub const THREAD_STACK_BYTES: usize = 8 << 20;

mod dialect;
mod error;
mod job;
mod migrations;
mod postgres;
mod row;
mod sql;
mod sqlite;
mod state_changes;
mod store;
mod topic;
mod tx;
mod value;

pub mod artifacts;
pub mod automations;
pub mod block_documents;
pub mod block_schemas;
pub mod block_types;
pub mod cleanup_messages;
pub mod commits;
pub mod concurrency_leases;
pub mod concurrency_limits;
pub mod configuration;
pub mod csrf_tokens;
pub mod deployment_schedules;
pub mod deployments;
pub mod events;
pub mod filters;
pub mod flow_run_heartbeats;
pub mod flow_run_inputs;
pub mod flow_runs;
pub mod flows;
pub mod incidents;
pub mod logs;
pub mod outbox;
pub mod result_storage;
pub mod run_history;
pub mod run_logs;
pub mod run_tallies;
pub mod saved_searches;
pub mod service_cursors;
pub mod service_leases;
pub mod statistics;
pub mod task_queue;
pub mod task_runs;
pub mod variables;
pub mod work_pools;
pub mod work_queues;
pub mod workers;
pub mod workspaces;

pub use dialect::Dialect;
pub use error::StoreError;
pub use job::JobFuture;
pub use migrations::MigrationStatus;
pub use row::{Columns, Row};
pub use sql::Sql;
pub use state_changes::StateChange;
pub use store::{Database, DatabaseUrl, JobError, Store, StoreOptions};
pub use topic::{ScheduledRuns, Topic};
pub use tx::Tx;
pub use value::{FromValue, Json, Value};

/// What a store function returns.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
