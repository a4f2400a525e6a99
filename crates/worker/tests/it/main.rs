//! The worker against what it starts: real engines, real processes.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot build its case has failed")]

mod adoption;
mod claims;
mod cleanup;
mod docker;
mod process;
mod scripted;
mod settling;
