//! What an exit code usually means, for the message of a crash.

use crate::launchers::Exit;

/// A sentence about a code that is not 0, and what to do.
pub(crate) fn explain(code: i32) -> (&'static str, &'static str) {
    match code {
        1 => ("The process ended with an error.", "Look for an exception in the logs of the run."),
        125 => {
            ("The container could not be run.", "Check the image, its entrypoint and the container engine.")
        }
        126 => ("The command was found and cannot be executed.", "Check the permissions of the entrypoint."),
        127 => ("The command was not found.", "Check PATH and whether the program is installed there."),
        130 => ("The process was interrupted.", "Somebody or something sent it SIGINT."),
        134 => {
            ("The process aborted.", "A library of its own most likely stopped it; look at its last lines.")
        }
        137 => (
            "The process was killed by SIGKILL, most often because memory ran out.",
            "Give the run more memory, or let it use less.",
        ),
        139 => ("The process broke memory (SIGSEGV).", "Look for a native library that does."),
        143 => (
            "The process was told to end by SIGTERM.",
            "If nobody cancelled the run, look for restarts of the machine or the worker.",
        ),
        _ => ("The process ended with an unexpected code.", "Look at the logs of the run for the reason."),
    }
}

/// The message of a crash: what the reference says, then what is known besides.
pub(crate) fn crash_message(exit: &Exit) -> String {
    let mut message = match exit.code {
        Some(code) => {
            format!("Flow run infrastructure exited with non-zero status code {code}. {}", explain(code).0)
        }
        None => "Flow run infrastructure ended, and nobody can tell how.".to_owned(),
    };
    if let Some(reason) = &exit.reason {
        message.push_str(&format!(" It was {reason}."));
    }
    if !exit.last_output.is_empty() {
        message.push_str("\nIts last lines:\n");
        message.push_str(&exit.last_output.join("\n"));
    }
    message
}
