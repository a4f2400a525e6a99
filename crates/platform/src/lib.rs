//! What stands around the flows of a project: its files (`prefect.yaml`), the flows in them, the plan of what a deploy
//! changes, and the steps that build and push.

mod apply;
mod automation;
mod desired;
mod document;
mod error;
mod plan;
mod project;
mod project_file;
pub mod python;
mod references;
mod steps;
mod templates;
mod trigger;
mod version;
mod yaml;

pub use apply::{Applied, Progress, apply};
pub use automation::{AutomationDefinition, automation_definitions};
pub use document::{parse_document, read_document};
pub use error::PlatformError;
pub use plan::{Action, FieldChange, Plan, Planned, Pruned};
pub use project::{FILE_LABEL, Options, PROJECT_LABEL, Project, inspect_flow};
pub use project_file::{Note, ProjectFile};
pub use yaml::Place;
