//! Every command has a snapshot of what it prints, of its JSON, and of one of its errors.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::support::repository;

/// What a command can show of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Shown {
    Text,
    Json,
    Error,
}

use Shown::{Error, Json, Text};

/// What cannot be shown, and why.
const EXCEPTIONS: &[(&str, &[Shown], &str)] = &[
    ("up", &[Text, Json], "it runs until it is stopped, and prints its log; compat/test_up.py drives it"),
    ("server start", &[Text, Json], "it runs until it is stopped, and prints its log; server.rs drives it"),
    (
        "worker start",
        &[Text, Json],
        "it runs until it is stopped, and prints its log; compat/test_own_worker.py drives it",
    ),
    (
        "completions",
        &[Text, Json],
        "the scripts are clap's, and change with every option; flow.rs makes them",
    ),
    ("database migrate", &[Json], "it prints nothing that a program would read: its exit code tells"),
    ("secrets rotate", &[Json], "it prints nothing that a program would read: its exit code tells"),
];

#[test]
fn every_command_has_snapshots_of_its_output_its_json_and_an_error() {
    let root = sluice_cli::command();
    let mut seen: BTreeMap<String, BTreeSet<Shown>> = BTreeMap::new();
    for snapshot in snapshots() {
        for (line, outcome) in transcripts(&snapshot) {
            if let Some(command) = command_of(&root, line) {
                seen.entry(command).or_default().extend(shown(line, outcome));
            }
        }
    }
    let mut all = Vec::new();
    collect(&root, "", &mut all);
    assert!(all.len() > 90, "the tree of commands looks different from what is walked: {}", all.len());
    let mut missing = Vec::new();
    for command in &all {
        let exceptions =
            EXCEPTIONS.iter().find(|(name, ..)| name == command).map_or(&[][..], |found| found.1);
        for kind in [Text, Json, Error] {
            let is_seen = seen.get(command).is_some_and(|kinds| kinds.contains(&kind));
            if !is_seen && !exceptions.contains(&kind) {
                missing.push(format!("sluice {command}: no snapshot of its {kind:?}"));
            }
            assert!(!(is_seen && exceptions.contains(&kind)), "sluice {command} is no exception: {kind:?}");
        }
    }
    for (name, ..) in EXCEPTIONS {
        assert!(all.iter().any(|command| command == name), "there is no command {name:?}");
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// The commands that do something, by what is typed.
fn collect(command: &sluice_cli::Command, path: &str, all: &mut Vec<String>) {
    for inner in command.get_subcommands() {
        let path = format!("{path} {}", inner.get_name()).trim_start().to_owned();
        if !inner.is_subcommand_required_set() && !inner.is_hide_set() {
            all.push(path.clone());
        }
        collect(inner, &path, all);
    }
}

/// The command that a line such as `flow-runs ls --limit 1` means.
fn command_of(root: &sluice_cli::Command, line: &str) -> Option<String> {
    let mut command = root;
    let mut names = Vec::new();
    for word in line.split(' ') {
        let Some(inner) = command.find_subcommand(word) else { break };
        names.push(inner.get_name());
        command = inner;
    }
    (!names.is_empty()).then(|| names.join(" "))
}

/// What an outcome shows. JSON is what can be read as such, in one document or one a line.
fn shown(line: &str, outcome: &str) -> Option<Shown> {
    if line.split(' ').any(|word| ["--help", "-h"].contains(&word)) {
        return None;
    }
    let after_code = outcome.strip_prefix("exit code: ")?;
    let (code, printed) = after_code.split_once('\n').unwrap_or((after_code, ""));
    if code.trim() != "0" {
        return Some(Error);
    }
    if !["-o json", "--output json"].iter().any(|option| line.contains(option)) {
        return Some(Text);
    }
    let stdout = printed.split("--- stderr ---").next().unwrap_or_default();
    let stdout = stdout.trim_start().strip_prefix("--- stdout ---").unwrap_or_default();
    // Numbers that differ each time are replaced by words in brackets.
    let plain = stdout.replace("[SECONDS]", "0");
    let mut documents = serde_json::Deserializer::from_str(&plain).into_iter::<Value>().peekable();
    assert!(
        documents.peek().is_some() && documents.all(|document| document.is_ok()),
        "no JSON: {line}
{stdout}"
    );
    Some(Json)
}

/// The lines that are typed in a snapshot, each with what came of it.
fn transcripts(snapshot: &str) -> impl Iterator<Item = (&str, &str)> {
    snapshot.split("$ sluice ").skip(1).filter_map(|part| part.split_once('\n'))
}

fn snapshots() -> Vec<String> {
    let mut found = Vec::new();
    for directory in ["app/tests/it/snapshots", "app/tests/it/cli/snapshots"] {
        for entry in std::fs::read_dir(repository().join(directory)).expect("the snapshots") {
            found.push(std::fs::read_to_string(entry.expect("a file").path()).expect("a snapshot"));
        }
    }
    found
}
