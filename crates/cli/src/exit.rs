//! How a command fails: one line on standard error and a code that is not 0.

use std::fmt::Display;
use std::process::ExitCode;

/// A command that failed.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(cause: impl Display) -> Self {
        Self(cause.to_string())
    }

    pub(crate) fn report(&self) -> ExitCode {
        eprintln!("error: {}", self.0);
        ExitCode::FAILURE
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::new(error)
    }
}
