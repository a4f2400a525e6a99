//! Messages against services that the tests play.

#![expect(clippy::expect_used, reason = "a test that cannot build its case has failed")]

mod guard;
mod http;
mod mail;
mod support;
