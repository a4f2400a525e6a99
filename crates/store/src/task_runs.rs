//! Task runs.
