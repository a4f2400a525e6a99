//! Running the binary.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The root of the workspace.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("app lies in the workspace").to_owned()
}

/// The binary with an environment of its own: nothing of the machine's settings reaches it.
pub fn sluice(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
    command
        .env_clear()
        .env("HOME", home)
        .env("SLUICE_HOME", home.join("data"))
        .env("COLUMNS", "80")
        .stdin(Stdio::null());
    command
}

/// Runs `sluice` with `arguments`; everything that a user sees of it. Paths of the test are replaced.
pub fn run(home: &Path, arguments: &[&str]) -> String {
    shown(home, sluice(home).args(arguments))
}

/// Runs a command; what was typed, and everything that a user sees of it.
pub fn shown(home: &Path, command: &mut Command) -> String {
    let words = command.get_args().map(|word| {
        let word = word.to_string_lossy();
        if word.contains([' ', '"']) { format!(" '{word}'") } else { format!(" {word}") }
    });
    let line = words.collect::<String>().replace(&home.display().to_string(), "[HOME]");
    format!("$ sluice{line}\n{}", outcome(home, command))
}

/// Runs a command; everything that a user sees of it.
pub fn outcome(home: &Path, command: &mut Command) -> String {
    let output = command.output().expect("the binary runs");
    let part = |name: &str, bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        let text: Vec<&str> = text.lines().map(str::trim_end).collect();
        if text.is_empty() { String::new() } else { format!("--- {name} ---\n{}\n", text.join("\n")) }
    };
    let code = output.status.code().map_or("by a signal".to_owned(), |code| code.to_string());
    let shown =
        format!("exit code: {code}\n{}{}", part("stdout", &output.stdout), part("stderr", &output.stderr));
    shown.replace(&home.display().to_string(), "[HOME]")
}

/// The files under `directory` that end with `.rs`.
pub fn rust_files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}
