//! How results are printed. Every command prints through here, so that tables, times, colours and JSON look the same
//! everywhere. `docs/command-line.md` is the style in words.
//!
//! - Standard output carries the result and nothing else; notes and errors go to standard error.
//! - Text is for people: tables that fit the terminal, times as "3 minutes ago". JSON is for programs: the objects of
//!   the API as they are, with exact times.
//! - Colours only accent what the words say already. `NO_COLOR`, `CLICOLOR_FORCE` and whether a terminal reads are
//!   respected by `anstream`, which takes the colours out again.

mod background;
mod details;
mod table;
mod times;

use std::fmt::Display;
use std::io::Write;

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use sluice_wire::states::StateType;

pub(crate) use background::Background;
pub(crate) use details::details;
pub(crate) use table::{Cell, Table, shorten};
pub(crate) use times::{ago, duration, state_time};

use crate::exit::Failure;

/// Writes text to standard output, with its colours where they are wanted.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    Ok(stdout.flush()?)
}

/// Writes a line to standard error, for people who look at a process that goes on. Where it cannot be written, because the
/// disk is full or nobody reads, the process goes on, too: `eprintln!` would panic.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Writes one JSON document to standard output.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    // By way of a tree: JSON that is passed on as text would stand on one line.
    let value = serde_json::to_value(value)?;
    print(&format!("{value:#}\n"))
}

/// The width of the terminal; `None` when the output goes elsewhere.
pub(crate) fn terminal_width() -> Option<usize> {
    use std::io::IsTerminal;
    if !std::io::stdout().is_terminal() {
        return None;
    }
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
}

/// The colour of a state.
pub(crate) fn state_style(state: Option<StateType>) -> Style {
    let colour = match state {
        Some(StateType::Completed) => AnsiColor::Green,
        Some(StateType::Failed | StateType::Crashed) => AnsiColor::Red,
        Some(StateType::Running) => AnsiColor::Blue,
        Some(StateType::Scheduled | StateType::Paused) => AnsiColor::Yellow,
        Some(StateType::Cancelled | StateType::Cancelling) => AnsiColor::Magenta,
        Some(StateType::Pending) => AnsiColor::Cyan,
        None => return Style::new(),
    };
    colour.on_default()
}

/// Text in a style.
pub(crate) fn styled(text: &str, style: Style) -> String {
    format!("{style}{text}{style:#}")
}
