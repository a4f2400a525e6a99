//! The command line.

/// Parses the arguments and runs the command; the exit code says how it ended.
pub fn run() -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}
