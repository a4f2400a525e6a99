//! Watching a flow run until it has ended: `flow-run watch`, `deployment run --watch` and `flow-run logs --follow`.
//!
//! What is shown comes from requests. The streams of events and logs only say when it is worth asking again, so that
//! watching works in the same way, a little slower, where a server has no streams.

mod logs;
mod screen;
mod signals;
mod tree;

use std::time::Duration;

use sluice_wire::flow_runs::FlowRun;
use sluice_wire::ids::FlowRunId;
use sluice_wire::logs::Log;
use sluice_wire::states::StateType;
use tokio::time::Instant;

use crate::commands::log_line;
use crate::exit::Failure;
use crate::output;
use crate::session::{self, Session};
use logs::NewLogs;
use screen::Screen;
use signals::Signals;
use tree::Tree;

/// How often is asked when nothing says that something has happened.
const INTERVAL: Duration = Duration::from_secs(2);
/// What happens within this time is shown at once.
const GATHER: Duration = Duration::from_millis(100);
/// Log lines reach the server a moment after the run has ended.
const LAST_LOGS: Duration = Duration::from_secs(2);

/// How a run is watched.
pub(crate) struct Watching {
    /// How often the server is asked.
    pub(crate) interval: Option<Duration>,
    /// When watching ends, whatever the run does.
    pub(crate) timeout: Option<Duration>,
}

/// Shows how the run goes until it has ended. An error unless it completed in time.
pub(crate) async fn flow_run(session: &Session, id: FlowRunId, watching: &Watching) -> Result<(), Failure> {
    let started = Instant::now();
    let interval = watching.interval.unwrap_or(INTERVAL).max(GATHER);
    let mut signals = Signals::listen(session.client.target(), id);
    let mut screen = Screen::new(&session.printer);
    let mut new_logs = NewLogs::of(id);
    let mut ended_at: Option<Instant> = None;
    loop {
        let run = session.client.flow_run(id).await?;
        let tree = Tree::read(session, &run).await?;
        let lines = new_logs.read(session).await?;
        screen.show(&tree, &lines, session::now())?;
        if is_over(&run, &mut ended_at, &lines, &new_logs) {
            return end(session, &run);
        }
        if watching.timeout.is_some_and(|timeout| started.elapsed() >= timeout) {
            return Err(Failure::new(format!(
                "flow run '{}' is still {} after {} s; `sluice flow-run watch {id}` goes on watching",
                run.name,
                run.state_name.as_deref().unwrap_or("without a state"),
                started.elapsed().as_secs()
            )));
        }
        let rest = watching.timeout.map_or(interval, |timeout| timeout.saturating_sub(started.elapsed()));
        let pause = if ended_at.is_some() { GATHER * 3 } else { interval };
        signals.wait(pause.min(rest).max(GATHER)).await;
        tokio::time::sleep(GATHER).await;
    }
}

/// Prints what a run has logged and logs, until it has ended. How it ends does not matter.
pub(crate) async fn flow_run_logs(session: &Session, id: FlowRunId) -> Result<(), Failure> {
    let mut signals = Signals::listen(session.client.target(), id);
    let mut new_logs = NewLogs::of(id);
    let mut ended_at: Option<Instant> = None;
    loop {
        let run = session.client.flow_run(id).await?;
        let lines = new_logs.read(session).await?;
        for log in &lines {
            let line = if session.printer.is_json() { serde_json::to_string(log)? } else { log_line(log) };
            output::print(&format!("{line}\n"))?;
        }
        if is_over(&run, &mut ended_at, &lines, &new_logs) {
            return Ok(());
        }
        signals.wait(if ended_at.is_some() { GATHER * 3 } else { INTERVAL }).await;
        tokio::time::sleep(GATHER).await;
    }
}

/// Whether a run has ended, and its last lines have come.
fn is_over(run: &FlowRun, ended_at: &mut Option<Instant>, lines: &[Log], new_logs: &NewLogs) -> bool {
    if !run.state_type.is_some_and(StateType::is_final) {
        return false;
    }
    let ended_at = ended_at.get_or_insert_with(Instant::now);
    lines.is_empty() && (new_logs.saw_the_end() || ended_at.elapsed() >= LAST_LOGS)
}

fn end(session: &Session, run: &FlowRun) -> Result<(), Failure> {
    if session.printer.is_json() {
        output::print_json(run)?;
    }
    if run.state_type == Some(StateType::Completed) {
        return Ok(());
    }
    #[derive(serde::Deserialize)]
    struct Said {
        message: Option<String>,
    }
    let said = run.state.as_ref().and_then(|state| state.parse::<Said>().ok()?.message);
    let message = said.map(|message| format!(": {}", message.lines().next().unwrap_or_default()));
    Err(Failure::new(format!(
        "flow run '{}' ended as {}{}",
        run.name,
        run.state_name.as_deref().unwrap_or("nothing"),
        message.unwrap_or_default()
    )))
}
