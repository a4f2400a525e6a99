//! Which replica runs which background service.

mod acquire;
mod check;
mod release;

pub use acquire::{Acquire, acquire};
pub use check::check;
pub use release::release;

use uuid::Uuid;

/// The right to run a service. Every write of the service checks it: a replica that was thought dead and wakes
/// up again finds its epoch passed and writes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fence {
    /// The service.
    pub service: &'static str,
    /// The replica.
    pub holder: Uuid,
    /// Grows with every change of hands.
    pub epoch: i64,
}
