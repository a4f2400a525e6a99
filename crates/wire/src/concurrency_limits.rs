//! Concurrency limits.
