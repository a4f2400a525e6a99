//! Cleanup messages.
