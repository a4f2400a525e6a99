//! The runs that hold the slots of a work pool or of a queue, for `work-pool slots` and `work-queue slots`.

use serde_json::Value;
use sluice_wire::states::StateType;
use sluice_wire::time::Timestamp;

use crate::exit::Failure;
use crate::output::{self, Cell, Table};
use crate::session::Printer;

/// A run that holds a slot, and the queue that handed it out.
pub(super) struct Holder<'s> {
    /// The name of the queue.
    pub(super) queue: &'s str,
    /// The run, as the server lists it.
    pub(super) run: &'s Value,
}

impl<'s> Holder<'s> {
    /// The runs of a list of the answer.
    pub(super) fn all(queue: &'s str, runs: &'s Value) -> Vec<Self> {
        runs.as_array().into_iter().flatten().map(|run| Self { queue, run }).collect()
    }
}

/// Prints `status`, the server's answer. To people: `Work pool 'laptop': 2 of 5 slots taken.`, and by whom.
pub(super) fn print(
    printer: &Printer,
    what: &str,
    status: &Value,
    holders: &[Holder<'_>],
) -> Result<(), Failure> {
    if printer.is_json() {
        return output::print_json(status);
    }
    let taken = status["active_slots"].as_i64().unwrap_or_default();
    let mut text = match status["concurrency_limit"].as_i64() {
        Some(limit) => format!("{what}: {taken} of {limit} slots taken.\n"),
        None => format!("{what}: {taken} taken, and there is no limit.\n"),
    };
    if !holders.is_empty() {
        let rows = holders.iter().map(|holder| row(holder, printer));
        text.push_str(&Table::new(&["QUEUE", "RUN", "ID", "STATE", "SINCE"], rows).render(printer.width));
    }
    // The server lists the first of the runs of each queue only.
    let listed = i64::try_from(holders.len()).unwrap_or(i64::MAX);
    if taken > listed {
        text.push_str(&format!("{} more are not listed.\n", taken - listed));
    }
    output::print(&text)
}

fn row(holder: &Holder<'_>, printer: &Printer) -> Vec<Cell> {
    let text = |key: &str| holder.run[key].as_str();
    let state_type: Option<StateType> = text("state_type").and_then(|state_type| state_type.parse().ok());
    let since: Option<Timestamp> = serde_json::from_value(holder.run["state_timestamp"].clone()).ok();
    vec![
        Cell::text(holder.queue),
        Cell::optional(text("name")),
        Cell::id(text("id").unwrap_or_default()),
        Cell::state(text("state_name"), state_type),
        Cell::ago(since, printer.now),
    ]
}
