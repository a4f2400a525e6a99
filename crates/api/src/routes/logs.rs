//! `/logs`
