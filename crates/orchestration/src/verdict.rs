//! What a rule says of a proposed state before it is written.

use sluice_wire::states::State;

/// The opinion of one rule. Later rules may still speak after every verdict but see what it left.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Nothing against it.
    Proceed,
    /// Not this state: that one instead, or none at all, which leaves the run as it is.
    Reject {
        /// What to write instead.
        state: Option<Box<State>>,
        /// For the client.
        reason: String,
    },
    /// Not now.
    Wait {
        /// Seconds until the client should ask again.
        delay_seconds: i64,
        /// For the client.
        reason: String,
    },
    /// Never: the client should stop.
    Abort {
        /// For the client.
        reason: String,
    },
}

impl Verdict {
    /// Leaves the run in its current state.
    pub fn keep_current(reason: impl Into<String>) -> Self {
        Self::Reject { state: None, reason: reason.into() }
    }

    /// Writes `state` in the place of the proposed one.
    pub fn replace(state: State, reason: impl Into<String>) -> Self {
        Self::Reject { state: Some(Box::new(state)), reason: reason.into() }
    }

    /// See [`Verdict::Wait`].
    pub fn wait(delay_seconds: i64, reason: impl Into<String>) -> Self {
        Self::Wait { delay_seconds, reason: reason.into() }
    }

    /// See [`Verdict::Abort`].
    pub fn abort(reason: impl Into<String>) -> Self {
        Self::Abort { reason: reason.into() }
    }
}
