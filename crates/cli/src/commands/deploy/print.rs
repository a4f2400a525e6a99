//! A plan and its progress for people.

use std::fmt::Write;
use std::io::IsTerminal;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use sluice_platform::{Action, FieldChange, Plan, Progress};

/// The longest value that is printed whole.
const LONGEST: usize = 160;

/// Whether colours are wanted. They only repeat what signs and words say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colours {
    On,
    Off,
}

impl Colours {
    pub(super) fn of_stdout() -> Self {
        let is_off = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        if !is_off && std::io::stdout().is_terminal() { Self::On } else { Self::Off }
    }

    fn paint(self, code: u8, text: &str) -> String {
        match self {
            Self::On => format!("\x1b[{code}m{text}\x1b[0m"),
            Self::Off => text.to_owned(),
        }
    }
}

/// The plan as text.
pub(super) fn plan(plan: &Plan, file: &Path, server: &str, colours: Colours) -> String {
    let mut text = String::new();
    let mut line = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    let note = colours.paint(33, "note");
    for one in &plan.file_notes {
        let place = one.place.map_or_else(String::new, |place| format!(":{}:{}", place.line, place.column));
        line(format!("{}{place}: {note}: {}", file.display(), one.text));
    }
    for one in &plan.notes {
        line(format!("{note}: {one}"));
    }
    line(format!("Project {} on {server}", plan.project));
    for planned in plan.deployments.iter().filter(|planned| planned.action != Action::Unchanged) {
        line(match planned.action {
            Action::Create => colours.paint(32, &format!("+ {}  (create)", planned.name)),
            _ => colours.paint(33, &format!("~ {}  (change)", planned.name)),
        });
        for change in &planned.changes {
            line(format!("    {}", field(change, planned.action)));
        }
        for one in &planned.notes {
            line(format!("    {note}: {one}"));
        }
    }
    for queue in &plan.new_queues {
        line(colours.paint(32, &format!("+ work queue {queue}  (create)")));
    }
    for pruned in &plan.prunes {
        line(colours.paint(31, &format!("- {}  (prune)", pruned.name)));
    }
    let mut summary = format!(
        "{} to create, {} to change, {} unchanged",
        plan.count(Action::Create),
        plan.count(Action::Change),
        plan.count(Action::Unchanged),
    );
    if !plan.prunes.is_empty() {
        let _ = write!(summary, ", {} to prune", plan.prunes.len());
    }
    if plan.builds > 0 {
        let times = if plan.builds == 1 { "once".to_owned() } else { format!("{} times", plan.builds) };
        let _ = write!(summary, "; build and push steps run {times}, what uses them may change then");
    }
    line(summary);
    text
}

fn field(change: &FieldChange, action: Action) -> String {
    match (action, &change.old) {
        (Action::Create, _) => format!("{}: {}", change.field, value(&change.new)),
        (_, Value::Null) => format!("{}: (none) -> {}", change.field, value(&change.new)),
        (_, old) => format!("{}: {} -> {}", change.field, value(old), value(&change.new)),
    }
}

fn value(value: &Value) -> String {
    let text = match value {
        Value::Null => "(none)".to_owned(),
        other => other.to_string(),
    };
    if text.chars().count() <= LONGEST {
        return text;
    }
    let start: String = text.chars().take(LONGEST).collect();
    format!("{start}... ({} characters)", text.chars().count())
}

/// One line that counts on a terminal; the lines of steps as they come.
pub(super) struct ProgressLine {
    all: usize,
    is_quiet: bool,
    is_terminal: bool,
}

impl ProgressLine {
    pub(super) fn new(all: usize, is_quiet: bool) -> Self {
        Self { all, is_quiet, is_terminal: std::io::stderr().is_terminal() }
    }

    pub(super) fn tell(&self, event: &Progress<'_>, done: &AtomicUsize) {
        match event {
            // Steps may take minutes and speak of errors: also beside a JSON document, on standard error.
            Progress::Step(line) => eprintln!("  | {line}"),
            Progress::Done { .. } => {
                let number = done.fetch_add(1, Ordering::Relaxed) + 1;
                if self.is_terminal && !self.is_quiet {
                    eprint!("\rdeploying {number}/{}", self.all);
                }
            }
            Progress::Pruned { name } if !self.is_quiet => eprintln!("pruned {name}"),
            Progress::Pruned { .. } => {}
        }
    }

    /// Ends the line that counts.
    pub(super) fn end(&self, done: usize) {
        if self.is_terminal && !self.is_quiet && done > 0 {
            eprintln!();
        }
    }
}
