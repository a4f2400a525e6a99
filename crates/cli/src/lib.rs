//! The command line: one command a file under `commands/`. How commands look and behave is said in
//! `docs/command-line.md`; what they have in common stands beside `commands/`.

mod assignments;
mod commands;
mod confirmation;
mod exit;
mod lookup;
mod output;
mod profiles;
mod session;
mod start_time;
mod watch;

pub use clap::Command;

use std::ffi::OsString;
use std::process::ExitCode;

/// Parses the arguments of the process and runs the command; the exit code says how it ended.
pub fn run() -> ExitCode {
    run_with(std::env::args_os())
}

/// The commands with their arguments: what there is to document and to test.
pub fn command() -> Command {
    commands::root()
}

fn run_with(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let matches = match commands::root().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => {
            // Help and version are errors of this kind too; clap knows which stream and code they have.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match commands::dispatch(&matches) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
