//! One scenario a file. Each runs on a fresh server with an empty database and returns one measurement for
//! each of its parts; the parts have the same names for both servers.

mod automations;
mod create;
mod events_http;
mod events_task_runs;
mod events_websocket;
mod fill;
mod idle;
mod lifecycle;
mod logs;
mod memory;
mod poll;
mod prepare;
mod reads;
mod start_up;
mod writers;

use clap::ValueEnum;

use crate::failure::Failure;
use crate::report::Measurement;
use crate::servers::Server;
use crate::workload::Workload;

/// What is measured, in the order in which it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scenario {
    /// Creates flow runs, one after the other.
    Create,
    /// Takes flow runs from creation to Completed, one after the other.
    Lifecycle,
    /// The same by 8 and by 32 clients at once.
    Writers,
    /// Creates very many flow runs by 32 clients at once, and counts them.
    Fill,
    /// Sends batches of log lines.
    Logs,
    /// Posts batches of events.
    EventsHttp,
    /// A burst of events over one WebSocket.
    EventsWebsocket,
    /// Task runs that arrive as events.
    EventsTaskRuns,
    /// Many automations, a flood of events, and a few events that make some of them fire.
    Automations,
    /// A worker polls a work pool with many runs waiting.
    Poll,
    /// Pages, counts and history over many stored flow runs.
    Reads,
    /// A server with many schedules that nobody talks to.
    Idle,
    /// From starting the process to the first healthy answer.
    StartUp,
    /// Resident memory at rest and after a burst.
    Memory,
}

impl Scenario {
    /// The name on the command line and in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Lifecycle => "lifecycle",
            Self::Writers => "writers",
            Self::Fill => "fill",
            Self::Logs => "logs",
            Self::EventsHttp => "events-http",
            Self::EventsWebsocket => "events-websocket",
            Self::EventsTaskRuns => "events-task-runs",
            Self::Automations => "automations",
            Self::Poll => "poll",
            Self::Reads => "reads",
            Self::Idle => "idle",
            Self::StartUp => "start-up",
            Self::Memory => "memory",
        }
    }

    /// Runs the scenario on `server`.
    pub(crate) async fn run(
        self,
        server: &mut Server,
        workload: &Workload,
    ) -> Result<Vec<Measurement>, Failure> {
        match self {
            Self::Create => create::run(server, workload).await,
            Self::Lifecycle => lifecycle::run(server, workload).await,
            Self::Writers => writers::run(server, workload).await,
            Self::Fill => fill::run(server, workload).await,
            Self::Logs => logs::run(server, workload).await,
            Self::EventsHttp => events_http::run(server, workload).await,
            Self::EventsWebsocket => events_websocket::run(server, workload).await,
            Self::EventsTaskRuns => events_task_runs::run(server, workload).await,
            Self::Automations => automations::run(server, workload).await,
            Self::Poll => poll::run(server, workload).await,
            Self::Reads => reads::run(server, workload).await,
            Self::Idle => idle::run(server, workload).await,
            Self::StartUp => start_up::run(server, workload).await,
            Self::Memory => memory::run(server, workload).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_reports_are_the_names_on_the_command_line() {
        for scenario in Scenario::value_variants() {
            let value = scenario.to_possible_value().expect("no scenario is hidden");
            assert_eq!(value.get_name(), scenario.name());
        }
    }
}
