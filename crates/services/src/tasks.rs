//! One service a file.

mod event_retention;
mod foreman;
mod repossessor;
mod run_retention;

use crate::Service;

/// Every service, in the order in which they are listed to operators.
pub fn all() -> Vec<Box<dyn Service>> {
    vec![
        Box::new(foreman::Foreman),
        Box::new(repossessor::Repossessor),
        Box::new(event_retention::EventRetention),
        Box::new(run_retention::RunRetention),
    ]
}
