//! `/artifacts`
