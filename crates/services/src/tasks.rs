//! One service a file.

mod foreman;
mod repossessor;

use crate::Service;

/// Every service, in the order in which they are listed to operators.
pub fn all() -> Vec<Box<dyn Service>> {
    vec![Box::new(foreman::Foreman), Box::new(repossessor::Repossessor)]
}
