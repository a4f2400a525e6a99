//! `/v2_concurrency_limits`
