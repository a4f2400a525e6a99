//! The answer to a proposed state.

use serde::{Deserialize, Serialize};

use crate::states::State;

/// The answer to a proposed state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrchestrationResult {
    /// The state that the run is in now; null when it has none.
    pub state: Option<State>,
    /// What became of the proposal.
    pub status: SetStateStatus,
    /// Why.
    pub details: StateResponseDetails,
}

/// What became of a proposed state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SetStateStatus {
    /// It was written.
    Accept,
    /// Another state was written instead, or none and the current one stands.
    Reject,
    /// Nothing was written, and the client should stop trying.
    Abort,
    /// Nothing was written, and the client should try again later.
    Wait,
}

/// Why a proposed state became what it became.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum StateResponseDetails {
    /// Of ACCEPT.
    #[serde(rename = "accept_details")]
    Accept {},
    /// Of REJECT.
    #[serde(rename = "reject_details")]
    Reject {
        /// In words.
        reason: Option<String>,
    },
    /// Of ABORT.
    #[serde(rename = "abort_details")]
    Abort {
        /// In words.
        reason: Option<String>,
    },
    /// Of WAIT.
    #[serde(rename = "wait_details")]
    Wait {
        /// Seconds until the next try.
        delay_seconds: i64,
        /// In words.
        reason: Option<String>,
    },
}
