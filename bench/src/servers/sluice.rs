//! How Sluice is started for a measurement.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Programs;
use crate::failure::Failure;

/// The binary, if it is there.
pub(super) fn program(programs: &Programs) -> Result<PathBuf, Failure> {
    // Absolute, because the server runs in its own directory.
    std::path::absolute(&programs.sluice).ok().filter(|path| path.is_file()).ok_or_else(|| {
        Failure::ProgramMissing {
            path: programs.sluice.clone(),
            advice: "build it with `cargo build --release --package sluice`, or name it with --sluice",
        }
    })
}

/// `sluice server start` on an embedded database in `directory`.
pub(super) fn command(programs: &Programs, directory: &Path, port: u16) -> Result<Command, Failure> {
    let mut command = Command::new(program(programs)?);
    command
        .args(["server", "start", "--host", "127.0.0.1", "--port", &port.to_string()])
        .arg("--database-url")
        // Three slashes and the absolute path, which begins with a fourth.
        .arg(format!("sqlite:///{}", directory.join("sluice.db").display()))
        .current_dir(directory)
        .env("HOME", directory);
    for (name, _) in std::env::vars_os() {
        let name_text = name.to_string_lossy();
        if name_text.starts_with("PREFECT_") || name_text.starts_with("SLUICE_") {
            command.env_remove(&name);
        }
    }
    Ok(command)
}
