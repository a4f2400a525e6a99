//! How a command fails: one line on standard error and a code that is not 0. `docs/command-line.md` lists the codes.

use std::error::Error;
use std::fmt::Display;
use std::io;
use std::process::ExitCode;

use sluice_client::ClientError;
use sluice_client::streams::StreamError;

/// What an exit code means to a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Code {
    /// Nothing more is to be said: whoever read the output has gone.
    ReaderGone = 0,
    /// Refused, failed, or the run that was watched did not complete.
    Failed = 1,
    /// The command was not understood.
    Usage = 2,
    /// What was named does not exist.
    NotFound = 3,
    /// The server does not answer.
    Unreachable = 4,
}

/// A command that failed.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    code: Code,
}

impl Failure {
    pub(crate) fn new(cause: impl Display) -> Self {
        Self { message: cause.to_string(), code: Code::Failed }
    }

    /// Arguments that clap cannot know to be wrong.
    pub(crate) fn usage(cause: impl Display) -> Self {
        Self { message: cause.to_string(), code: Code::Usage }
    }

    /// Something that was named does not exist.
    pub(crate) fn not_found(cause: impl Display) -> Self {
        Self { message: cause.to_string(), code: Code::NotFound }
    }

    pub(crate) fn report(&self) -> ExitCode {
        if self.code != Code::ReaderGone {
            eprintln!("error: {}", self.message);
        }
        ExitCode::from(self.code as u8)
    }
}

impl<E: Error + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { message: error.to_string(), code: code_of(&error) }
    }
}

fn code_of(error: &(dyn Error + 'static)) -> Code {
    if let Some(error) = error.downcast_ref::<ClientError>() {
        return match error {
            ClientError::Unreachable { .. } => Code::Unreachable,
            ClientError::NotFound { .. } => Code::NotFound,
            _ => Code::Failed,
        };
    }
    if let Some(StreamError::Unreachable { .. }) = error.downcast_ref::<StreamError>() {
        return Code::Unreachable;
    }
    match error.downcast_ref::<io::Error>() {
        Some(error) if error.kind() == io::ErrorKind::BrokenPipe => Code::ReaderGone,
        _ => Code::Failed,
    }
}

#[cfg(test)]
mod tests {
    use sluice_client::ClientError;

    use super::{Code, Failure};

    #[test]
    fn the_code_says_what_kind_of_failure_it_is() {
        let unreachable =
            || ClientError::Unreachable { url: "http://a".to_owned(), cause: "refused".to_owned() };
        let broken = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        let cases = [
            (Failure::from(unreachable()), Code::Unreachable),
            (Failure::from(ClientError::NotFound { detail: "no such run".to_owned() }), Code::NotFound),
            (Failure::from(ClientError::Unusable("odd".to_owned())), Code::Failed),
            (Failure::from(broken), Code::ReaderGone),
            (Failure::usage("odd"), Code::Usage),
        ];
        for (failure, code) in cases {
            assert_eq!(failure.code, code, "{failure:?}");
        }
    }
}
