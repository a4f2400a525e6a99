//! What can be set about processes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::GuardianCommand;
use crate::warm_python::{Recycling, WarmPython};

/// What can be set about processes.
#[derive(Debug, Clone)]
pub struct ProcessOptions {
    /// The interpreter that has Prefect.
    pub python: PathBuf,
    /// Whether interpreters are kept ready.
    pub warm_python: WarmPython,
    /// When one that is kept ready is replaced.
    pub recycling: Recycling,
    /// How many bytes of memory a run may take, unless its job says it.
    pub memory_limit: Option<u64>,
    /// How long runs go on by themselves when their worker is killed.
    pub orphan_grace: Duration,
    /// How the guardian is started; without one, runs outlive a worker that is killed.
    pub guardian: Option<GuardianCommand>,
}

/// The first `python` or `python3` in the `PATH` of an environment; that of an activated virtual environment first.
pub fn find_python(environment: &BTreeMap<String, String>) -> Option<PathBuf> {
    let of_environment = environment.get("VIRTUAL_ENV").map(|path| Path::new(path).join("bin"));
    let path = environment.get("PATH").map(std::env::split_paths).into_iter().flatten();
    let mut directories = of_environment.into_iter().chain(path);
    directories.find_map(|directory| {
        ["python", "python3"].iter().map(|name| directory.join(name)).find(|python| python.is_file())
    })
}
