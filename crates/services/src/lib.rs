//! Background work as reconcilers: a [`Service`] has no input, looks at the database, and brings it nearer to
//! what it should be. It can be stopped at any point and run again.
//!
//! **Architecture invariants:** services call the store and the pure crates, never the API. A service writes
//! through [`Context::write`] only, which checks that this replica still holds the service's lease.

mod context;
mod driver;
mod environment;
mod run_event;
mod run_option;
mod settings;
pub mod tasks;
mod vigil;

pub(crate) use context::unless_broken;
pub use context::{Context, ServiceError};
pub use driver::{Driver, Next, Service, start};
pub use settings::ServiceSettings;
