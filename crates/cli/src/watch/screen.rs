//! How a run that is watched is shown: on a terminal as a tree that is drawn again in place with the last log lines
//! below it, elsewhere as a line for everything that happens.

use std::collections::{BTreeMap, VecDeque};

use anstyle::{AnsiColor, Style};
use sluice_wire::logs::Log;
use sluice_wire::time::Timestamp;
use uuid::Uuid;

use super::tree::Tree;
use crate::commands::log_line;
use crate::exit::Failure;
use crate::output::{self, duration, shorten, state_style, styled};
use crate::session::Printer;

/// How many log lines stay below the tree.
const LOG_LINES: usize = 15;

/// Where a run is shown.
pub(super) enum Screen {
    /// Nothing but the result is wanted.
    Silent,
    /// A line for everything that happens.
    Lines {
        /// What was told of each run.
        told: BTreeMap<Uuid, String>,
    },
    /// A picture that is drawn again and again.
    Terminal {
        width: usize,
        height: usize,
        /// How many lines of the last picture are above the cursor.
        drawn: usize,
        logs: VecDeque<String>,
    },
}

impl Screen {
    pub(super) fn new(printer: &Printer) -> Self {
        if printer.is_json() {
            return Self::Silent;
        }
        let size = output::terminal_width().and_then(|_| terminal_size::terminal_size());
        match size {
            Some((width, height)) => Self::Terminal {
                width: usize::from(width.0),
                height: usize::from(height.0),
                drawn: 0,
                logs: VecDeque::new(),
            },
            None => Self::Lines { told: BTreeMap::new() },
        }
    }

    /// Shows how the runs stand now, and the lines that were logged since the last time.
    pub(super) fn show(&mut self, tree: &Tree, new_logs: &[Log], now: Timestamp) -> Result<(), Failure> {
        match self {
            Self::Silent => Ok(()),
            Self::Lines { told } => output::print(&news(told, tree, new_logs, now)),
            Self::Terminal { width, height, drawn, logs } => {
                logs.extend(
                    new_logs
                        .iter()
                        .flat_map(|log| log_line(log).lines().map(str::to_owned).collect::<Vec<_>>()),
                );
                while logs.len() > LOG_LINES {
                    logs.pop_front();
                }
                let picture = picture(tree, logs, *width, *height, now);
                // Up to where the last picture began, and away with it.
                let up = if *drawn > 0 { format!("\x1b[{drawn}A\r\x1b[J") } else { String::new() };
                *drawn = picture.lines().count();
                output::print(&format!("{up}{picture}"))
            }
        }
    }
}

/// A line for each run whose state is new, and the log lines.
fn news(told: &mut BTreeMap<Uuid, String>, tree: &Tree, logs: &[Log], now: Timestamp) -> String {
    let mut text = String::new();
    for log in logs {
        text.push_str(&log_line(log));
        text.push('\n');
    }
    for run in tree.all() {
        if told.get(&run.id) == Some(&run.state_name) {
            continue;
        }
        told.insert(run.id, run.state_name.clone());
        let took = run.took(now).filter(|_| run.state.is_some_and(|state| state.is_final()));
        let took = took.map(|took| format!(" after {}", duration(took))).unwrap_or_default();
        let state = styled(&run.state_name, state_style(run.state));
        text.push_str(&format!("{} '{}' is {state}{took}\n", run.kind, run.name));
    }
    text
}

/// The tree with the log lines below it, not higher and not wider than the terminal.
fn picture(tree: &Tree, logs: &VecDeque<String>, width: usize, height: usize, now: Timestamp) -> String {
    let room = height.saturating_sub(1).max(3);
    let mut lines = tree.lines(now);
    let for_logs = if logs.is_empty() { 0 } else { (logs.len() + 1).min(room / 2) };
    let for_tree = room - for_logs;
    if lines.len() > for_tree {
        let hidden = lines.len() - for_tree + 1;
        // What runs last is of most interest; the first line is the run itself.
        lines.drain(1..=hidden);
        lines.insert(1, format!("   … {hidden} more above"));
    }
    if for_logs > 0 {
        lines.push(String::new());
        let dim = Style::new().fg_color(Some(AnsiColor::BrightBlack.into()));
        let skip = logs.len().saturating_sub(for_logs - 1);
        lines.extend(logs.iter().skip(skip).map(|line| styled(&shorten(line, width), dim)));
    }
    lines.iter().map(|line| fit(line, width) + "\n").collect()
}

/// A line with colours is taken without them where it is too wide.
fn fit(line: &str, width: usize) -> String {
    let plain = anstream::adapter::strip_str(line).to_string();
    let shortened = shorten(&plain, width);
    if shortened == plain { line.to_owned() } else { shortened }
}
