//! What stands around the flows of a project: its files (`prefect.yaml`), the flows in them, the plan of what a deploy
//! changes, and the steps that build and push.

mod error;
mod project_file;
pub mod python;
mod references;
mod templates;
mod yaml;

pub use error::PlatformError;
pub use project_file::{Note, ProjectFile};
pub use yaml::Place;
