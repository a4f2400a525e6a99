//! `sluice event stream`

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde_json::json;
use sluice_client::streams::{EventsOut, StreamError};
use sluice_wire::events::ReceivedEvent;
use sluice_wire::events::filter::EventFilter;
use sluice_wire::time::TimeDelta;

use crate::exit::Failure;
use crate::output;
use crate::session::Session;

/// How long it takes until a broken stream is opened again.
const RECONNECT: Duration = Duration::from_secs(2);

/// How long a stream may last.
const YEARS: TimeDelta = TimeDelta::from_secs(10 * 365 * 24 * 3600);

/// Print events as they happen, one a line
#[derive(Args)]
pub(super) struct Stream {
    /// Only events whose names begin with this; may be given several times
    #[arg(long, value_name = "PREFIX")]
    event: Vec<String>,
    /// Only events about this resource; may be given several times
    #[arg(long, value_name = "ID")]
    resource_id: Vec<String>,
    /// The same as --output
    #[arg(long, value_name = "FORMAT", value_parser = ["text", "json"], hide = true)]
    format: Option<String>,
    /// Write the events to this file instead
    #[arg(long, value_name = "FILE")]
    output_file: Option<PathBuf>,
    /// Stop after the first event
    #[arg(long)]
    run_once: bool,
}

impl Stream {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        // Without an end, servers take the time when they were asked for it.
        let end = session.printer.now + YEARS;
        let mut filter = json!({ "occurred": { "since": session.printer.now, "until": end } });
        if !self.event.is_empty() {
            filter["event"] = json!({ "prefix": self.event });
        }
        if !self.resource_id.is_empty() {
            filter["any_resource"] = json!({ "id": self.resource_id });
        }
        let filter: EventFilter = serde_json::from_value(filter)?;
        let is_json = session.printer.is_json() || self.format.as_deref() == Some("json");
        let mut file = self.output_file.as_ref().map(std::fs::File::create).transpose()?;
        let target = session.client.target();
        let mut events = EventsOut::open(target, &filter).await?;
        loop {
            let event = match events.next().await {
                Ok(event) => event,
                Err(error) => {
                    events = reconnect(target, &filter, error).await?;
                    continue;
                }
            };
            let line = if is_json { serde_json::to_string(&event)? } else { line(&event) };
            match &mut file {
                Some(file) => writeln!(file, "{line}")?,
                None => output::print(&format!("{line}\n"))?,
            }
            if self.run_once {
                return Ok(());
            }
        }
    }
}

async fn reconnect(
    target: &sluice_client::Target,
    filter: &EventFilter,
    error: StreamError,
) -> Result<EventsOut, Failure> {
    if !error.is_temporary() {
        return Err(error.into());
    }
    eprintln!("{error}; connecting again");
    tokio::time::sleep(RECONNECT).await;
    Ok(EventsOut::open(target, filter).await?)
}

/// `2026-01-02T03:04:05Z  prefect.flow-run.Completed  prefect.flow-run.0199... (name)`
fn line(event: &ReceivedEvent) -> String {
    let resource = event.resource.get("prefect.resource.id").map_or("", String::as_str);
    let name = event.resource.get("prefect.resource.name").map(|name| format!(" ({name})"));
    format!("{}  {}  {resource}{}", event.occurred, event.event, name.unwrap_or_default())
}
