//! One service a file.

mod actions;
mod cancellation_cleanup;
mod cleanup_delivery;
mod event_retention;
mod foreman;
mod incident_retention;
mod late_runs;
mod notifications;
mod pause_expirations;
mod repossessor;
mod run_retention;
mod run_tallies;
mod scheduler;
mod stranded_runs;
mod triggers;
mod zombie_runs;

use crate::Service;

/// Every service, in the order in which they are listed to operators.
pub fn all() -> Vec<Box<dyn Service>> {
    vec![
        Box::new(scheduler::Scheduler),
        Box::new(late_runs::LateRuns),
        Box::new(foreman::Foreman),
        Box::new(pause_expirations::PauseExpirations),
        Box::new(zombie_runs::ZombieRuns::default()),
        Box::new(stranded_runs::StrandedRuns::default()),
        Box::new(cancellation_cleanup::CancellationCleanup::default()),
        Box::new(repossessor::Repossessor),
        Box::new(cleanup_delivery::CleanupDelivery),
        Box::new(triggers::Triggers::default()),
        Box::new(actions::Actions),
        Box::new(notifications::Notifications::default()),
        Box::new(event_retention::EventRetention),
        Box::new(run_retention::RunRetention),
        Box::new(incident_retention::IncidentRetention),
        Box::new(run_tallies::RunTallies),
    ]
}
