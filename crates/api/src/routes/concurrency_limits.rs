//! `/concurrency_limits`
