//! Why something was not delivered.

/// Why something was not delivered. Shows no part of what was to be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// Another try would end the same way.
    #[error("{0}")]
    Final(String),
    /// It may work later.
    #[error("{0}")]
    Temporary(String),
}
