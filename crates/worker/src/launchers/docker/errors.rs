//! What the engine's refusals mean for a run.

use bollard::errors::Error;

use super::engine::{EngineAddress, Unreachable};
use crate::launchers::{LaunchError, StopError};

/// A refusal while a job was being started. `doing` completes "cannot".
pub(super) fn launch_error(address: &EngineAddress, doing: &str, error: &Error) -> LaunchError {
    match error {
        Error::DockerResponseServerError { status_code, message } => {
            let text = format!("cannot {doing}: {}", message.trim());
            if (400..500).contains(status_code) || is_of_the_job(message) {
                LaunchError::Job(text)
            } else {
                LaunchError::Infrastructure(text)
            }
        }
        Error::DockerStreamError { error } => {
            let text = format!("cannot {doing}: {}", error.trim());
            if is_of_the_job(error) { LaunchError::Job(text) } else { LaunchError::Infrastructure(text) }
        }
        other => LaunchError::Infrastructure(Unreachable::new(address, other).to_string()),
    }
}

/// A refusal while a job was being stopped. `doing` completes "cannot".
pub(super) fn stop_error(address: &EngineAddress, doing: &str, error: &Error) -> StopError {
    StopError::Infrastructure(match error {
        Error::DockerResponseServerError { message, .. } => format!("cannot {doing}: {}", message.trim()),
        other => Unreachable::new(address, other).to_string(),
    })
}

/// Whether the engine says that there is no such container. Podman answers 500 where Docker answers 404.
pub(super) fn is_missing(error: &Error) -> bool {
    match error {
        Error::DockerResponseServerError { status_code: 404, .. } => true,
        Error::DockerResponseServerError { message, .. } => {
            message.to_lowercase().contains("no such container")
        }
        _ => false,
    }
}

/// Whether the engine refuses a container's name because another has it.
pub(super) fn is_name_conflict(error: &Error) -> bool {
    match error {
        Error::DockerResponseServerError { message, .. } => {
            let message = message.to_lowercase();
            message.contains("name") && (message.contains("conflict") || message.contains("already in use"))
        }
        _ => false,
    }
}

/// The innermost cause: the outer ones say no more than that a request failed.
pub(super) fn root_cause(error: &Error) -> String {
    match error {
        Error::SocketNotFoundError(_) => return "there is no such socket".to_owned(),
        Error::RequestTimeoutError => return "it does not answer in time".to_owned(),
        _ => {}
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// Whether the same job would be refused again. The engine answers 500 for much of what is wrong with a job, and in the
/// middle of a pull there is no status at all: only the text tells.
fn is_of_the_job(message: &str) -> bool {
    const SIGNS: [&str; 12] = [
        "oci runtime",
        "failed to create task",
        "failed to create shim",
        "manifest unknown",
        "manifest for ",
        "pull access denied",
        "unauthorized",
        "authentication required",
        "denied:",
        "repository does not exist",
        "no matching manifest",
        "invalid reference format",
    ];
    let message = message.to_lowercase();
    SIGNS.iter().any(|sign| message.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_the_jobs_fault_when_it_would_come_again() {
        let answer = |status_code, message: &str| Error::DockerResponseServerError {
            status_code,
            message: message.to_owned(),
        };
        let stream = |error: &str| Error::DockerStreamError { error: error.to_owned() };
        let cases = [
            (answer(404, "No such image: flows:1"), true),
            (answer(400, "invalid volume specification"), true),
            (
                answer(
                    500,
                    "OCI runtime create failed: exec: \"prefect\": executable file not found in $PATH",
                ),
                true,
            ),
            (
                answer(
                    500,
                    "Get \"https://registry.test/v2/\": dial tcp: lookup registry.test: no such host",
                ),
                false,
            ),
            (answer(500, "write /var/lib/docker/tmp: no space left on device"), false),
            (answer(503, "the engine is shutting down"), false),
            (stream("manifest for flows:2 not found: manifest unknown"), true),
            (stream("unauthorized: authentication required"), true),
            (stream("net/http: TLS handshake timeout"), false),
            (Error::RequestTimeoutError, false),
        ];
        for (error, expected) in cases {
            let text = error.to_string();
            let address = EngineAddress::Http("build-7:2375".to_owned());
            let is_job = matches!(launch_error(&address, "start the container", &error), LaunchError::Job(_));
            assert_eq!(is_job, expected, "{text}");
        }
    }

    #[test]
    fn a_name_that_is_taken_is_told_from_other_conflicts() {
        let answer = |message: &str| Error::DockerResponseServerError {
            status_code: 409,
            message: message.to_owned(),
        };
        let taken = "Conflict. The container name \"/etl\" is already in use by container \"8f3b\".";
        assert!(is_name_conflict(&answer(taken)));
        assert!(!is_name_conflict(&answer("removal of container 8f3b is already in progress")));
    }
}
