//! What requests and the actions of automations both do, each in one transaction: the rules of the pure crates
//! applied to what the store holds.
//!
//! **Architecture invariant:** knows no HTTP. A refusal is data; who asked says it in his own words.

mod deployment_runs;
mod hydration;
mod job_variables;
mod resume;
mod template_blocks;

pub use deployment_runs::{Maker, Refusal, stored_schema_of};
pub use hydration::{hydrated, hydration_context};
pub use job_variables::{check_of_changed_deployment, check_of_run};
pub use resume::{ResumeRefusal, resume};
pub use template_blocks::read as template_blocks;
