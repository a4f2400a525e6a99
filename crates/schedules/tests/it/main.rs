//! What schedules promise, seen from outside of the crate.

#![expect(clippy::expect_used, reason = "a test that cannot build its case has failed")]

mod differential;
mod properties;
mod traps;
