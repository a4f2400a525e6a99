//! Inputs that broke a target once: `regressions/<target>/*.txt`.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// The inputs that were kept for the target, in the order of their names.
pub fn of(target: &str) -> Vec<String> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(directory(target))
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    paths.sort();
    paths.iter().filter_map(|path| std::fs::read_to_string(path).ok()).collect()
}

/// Keeps the input; returns where, or why not.
pub fn keep(target: &str, input: &str) -> String {
    let mut hasher = DefaultHasher::new();
    input.hash(&mut hasher);
    let path = directory(target).join(format!("{:016x}.txt", hasher.finish()));
    let written = std::fs::create_dir_all(directory(target)).and_then(|()| std::fs::write(&path, input));
    match written {
        Ok(()) => path.display().to_string(),
        Err(error) => format!("nowhere ({}: {error}): {input:?}", path.display()),
    }
}

/// Where the input is that is tried right now, for the case that it aborts the process.
pub fn under_way(target: &str) -> PathBuf {
    std::env::temp_dir().join(format!("sluice-fuzz-{target}.txt"))
}

fn directory(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions").join(target)
}
