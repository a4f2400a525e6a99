//! `/health`
