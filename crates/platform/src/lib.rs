//! What stands around the flows of a project: its files (`prefect.yaml`), the flows in them, the plan of what a deploy
//! changes, and the steps that build and push.

mod error;
pub mod python;
mod references;
mod templates;
mod yaml;

pub use error::PlatformError;
pub use yaml::Place;
