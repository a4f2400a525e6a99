//! How reading, planning and applying a project fail.

use std::path::PathBuf;

use sluice_client::ClientError;

/// What went wrong, in one line.
#[derive(Debug, thiserror::Error)]
pub enum PlatformError {
    /// A file cannot be read.
    #[error("cannot read {}: {cause}; name the project file with --prefect-file, or pass an entrypoint", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        cause: String,
    },
    /// A file says something that cannot be.
    #[error("{}: {cause}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Where and why.
        cause: String,
    },
    /// What was asked for does not fit the file.
    #[error("{0}")]
    Selection(String),
    /// Deployments that cannot be deployed, one line each.
    #[error("{}", .0.join("\n       "))]
    Invalid(Vec<String>),
    /// A block that is named does not exist.
    #[error("there is no block {name:?} of type {slug:?}; create it, or correct the name in the file")]
    NoBlock {
        /// The slug of its type.
        slug: String,
        /// Its name.
        name: String,
    },
    /// A template that cannot be filled in.
    #[error("{template:?}: {cause}")]
    Template {
        /// The text with the placeholder.
        template: String,
        /// Why.
        cause: String,
    },
    /// A step that failed.
    #[error("the step {step} failed: {cause}")]
    Step {
        /// Its name.
        step: String,
        /// Why.
        cause: String,
    },
    /// A change that failed; what was changed before is undone, or said to remain.
    #[error("{cause}; {undone}")]
    Apply {
        /// What failed.
        cause: String,
        /// What became of the changes before it.
        undone: String,
    },
    /// The server.
    #[error(transparent)]
    Client(#[from] ClientError),
}
