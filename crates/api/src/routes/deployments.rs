//! `/deployments`
