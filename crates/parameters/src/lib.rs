//! What is asked of the parameters and job variables of a run before it exists: templates in them are filled in
//! ([`hydrate`]), then they are held against a JSON Schema ([`validate`]).
//!
//! **Architecture invariant:** this crate does no I/O. Workspace variables are passed in; a schema that refers to
//! another document is refused, never fetched.
//!
//! Messages are those of the reference, which shows them to people; so values in them are written as Python writes
//! them.

mod best_match;
mod circular;
mod error_tree;
mod hydrate;
mod job_variables;
mod message;
mod preprocess;
mod python_repr;
mod upgrade;
mod validate;

pub use error_tree::{ErrorTree, error_tree};
pub use hydrate::{
    Hydrated, HydrationContext, HydrationError, Placeholder, hydrate, hydrate_leniently, names_variables,
};
pub use job_variables::{JobVariables, JobVariablesError, block_references, check_job_variables};
pub use preprocess::{preprocess, without_required};
pub use upgrade::upgrade_templates;
pub use validate::{
    Checks, Failure, Finding, InvalidSchema, PathPart, check_schema, find_all, validate, validate_raw,
};

/// A JSON object.
pub type JsonObject = serde_json::Map<String, serde_json::Value>;
