//! Flow runs.
