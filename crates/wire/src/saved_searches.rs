//! Saved searches.
