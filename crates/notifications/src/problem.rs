//! Why a message cannot be made.

use crate::SUPPORTED;

/// Why a message cannot be made. Holds no part of a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The data of the block, or the message, cannot be used.
    #[error("{0}")]
    Invalid(String),
    /// Only Python code knows how this block sends.
    #[error(
        "blocks of type '{slug}' send with Python code, which this server does not run; it sends through: {}, and \
         through 'webhook' with the action 'call-webhook'",
        SUPPORTED.map(|slug| format!("'{slug}'")).join(", ")
    )]
    Unsupported {
        /// The type of the block.
        slug: String,
    },
}

impl Problem {
    pub(crate) fn invalid(reason: impl Into<String>) -> Self {
        Self::Invalid(reason.into())
    }
}
