//! Services against a database, with a clock that the test moves.

#![expect(clippy::expect_used, reason = "a test that cannot build its case has failed")]

mod actions;
mod cleanup_delivery;
mod event_retention;
mod foreman;
mod incident_retention;
mod metric_triggers;
mod notifications;
mod overdue_runs;
mod repossessor;
mod run_retention;
mod run_tallies;
mod scheduler;
mod stranded_runs;
mod support;
mod triggers;
mod zombie_runs;
