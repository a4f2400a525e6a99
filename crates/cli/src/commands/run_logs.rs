//! The log lines of a run, for `flow-run logs` and `task-run logs`.

use clap::Args;
use serde_json::{Value, json};
use sluice_wire::logs::Log;
use sluice_wire::time::Timestamp;

use crate::exit::Failure;
use crate::output;
use crate::session::Session;

/// How many lines `--head` and `--tail` show.
const SOME: usize = 20;

/// Which lines, and in which order.
#[derive(Args)]
pub(super) struct LogLines {
    /// Show the first lines only
    #[arg(long, conflicts_with = "tail")]
    head: bool,
    /// Show the last lines only
    #[arg(long, short = 't')]
    tail: bool,
    /// How many lines --head and --tail show [default: 20]
    #[arg(long, short = 'n', value_name = "NUMBER")]
    num_logs: Option<usize>,
    /// Show the last line first
    #[arg(long, short = 'r')]
    reverse: bool,
}

impl LogLines {
    /// Prints the lines that match the filter of `POST /logs/filter`.
    pub(super) async fn print(&self, session: &Session, filter: &Value) -> Result<(), Failure> {
        if self.num_logs.is_some() && !self.head && !self.tail {
            return Err(Failure::usage("--num-logs goes with --head or --tail"));
        }
        let most = if self.head || self.tail { self.num_logs.unwrap_or(SOME) } else { usize::MAX };
        let newest_first = self.tail || (self.reverse && !self.head);
        let sort = if newest_first { "TIMESTAMP_DESC" } else { "TIMESTAMP_ASC" };
        let mut logs = session.client.logs(&json!({ "logs": filter, "sort": sort }), most).await?;
        if newest_first != self.reverse {
            logs.reverse();
        }
        if session.printer.is_json() {
            return output::print_json(&logs);
        }
        output::print(&logs.iter().map(|log| line(log) + "\n").collect::<String>())
    }
}

/// `2026-01-02 03:04:05.678 | INFO    | prefect.flow_runs - hello`
pub(crate) fn line(log: &Log) -> String {
    let level = match log.level {
        50.. => "CRITICAL",
        40.. => "ERROR",
        30.. => "WARNING",
        20.. => "INFO",
        _ => "DEBUG",
    };
    format!("{} | {level:<7} | {} - {}", clock(log.timestamp), log.name, log.message)
}

/// In the time zone of the reader.
fn clock(time: Timestamp) -> String {
    time.to_jiff().to_zoned(jiff::tz::TimeZone::system()).strftime("%F %T%.3f").to_string()
}
