//! How the reference server is started for a measurement, and how its database is filled in bulk.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Programs;
use crate::failure::Failure;

/// Copies rows in the reference's database: see the script.
const SEED_SCRIPT: &str = include_str!("../../seed_reference.py");

/// The interpreter, if it was named and is there.
pub(super) fn python(programs: &Programs) -> Result<PathBuf, Failure> {
    let advice = "set SLUICE_BENCH_REFERENCE_PYTHON to a Python that can import prefect 3.8.8, \
                  or measure Sluice alone with --server sluice";
    let path = programs.reference_python.clone().unwrap_or_default();
    if path.is_file() { Ok(path) } else { Err(Failure::ProgramMissing { path, advice }) }
}

/// `prefect server start` with its default settings on a database in `directory`; only the reports it would
/// send to its makers are off.
pub(super) fn command(programs: &Programs, directory: &Path, port: u16) -> Result<Command, Failure> {
    let mut command = Command::new(python(programs)?);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PREFECT_") {
            command.env_remove(&name);
        }
    }
    command
        .args(["-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", &port.to_string()])
        .current_dir(directory)
        .env("PREFECT_HOME", directory)
        .env("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
        .env("DO_NOT_TRACK", "1");
    Ok(command)
}

/// Makes `copies` copies of the flow runs in the database of a stopped reference server.
pub(super) async fn seed(programs: &Programs, directory: &Path, copies: u64) -> Result<(), Failure> {
    let mut command = Command::new(python(programs)?);
    command
        .arg("-c")
        .arg(SEED_SCRIPT)
        .arg(directory.join("prefect.db"))
        .arg(copies.to_string())
        .stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || command.output()).await??;
    if output.status.success() {
        Ok(())
    } else {
        Err(Failure::Seeding(String::from_utf8_lossy(&output.stderr).into_owned()))
    }
}
