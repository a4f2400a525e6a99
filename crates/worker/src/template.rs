//! Job templates: from the template of a pool and the variables of deployment and run to the configuration of a job,
//! as the reference renders it. Pure: what blocks and variables hold is passed in.
//!
//! Rendering goes in two steps, as in the reference. [`render`] merges the variables and fills in `{{ names }}`;
//! [`references`] says which blocks and variables the result still names, and [`resolve`] puts their values in.

mod merge;
mod placeholders;
mod python;
mod references;

pub use merge::{TemplateError, merge_job_variables, render};
pub use placeholders::fill_in;
pub use python::python_text;
pub use references::{References, Values, references, resolve_blocks, resolve_variables};
