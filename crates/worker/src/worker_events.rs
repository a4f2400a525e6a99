//! The events that a worker tells: that it started and stopped, and what became of the runs that it took.

use sluice_client::{CLIENT_VERSION, Client};
use sluice_clock::Clock;
use sluice_wire::deployments::Deployment;
use sluice_wire::events::{Event, Labels};
use sluice_wire::flows::Flow;
use sluice_wire::ids::EventId;
use sluice_wire::work_pools::{ScheduledFlowRun, WorkPool};
use tokio::sync::mpsc;

use crate::launchers::Exit;

/// How many events may wait to be sent; more are left out.
const MOST_WAITING: usize = 1_000;
/// How many are sent at once.
const MOST_AT_ONCE: usize = 50;

/// Sends events in the background.
#[derive(Clone)]
pub(crate) struct Events {
    queue: mpsc::Sender<Event>,
    worker: Labels,
    clock: sluice_clock::SystemClock,
}

impl Events {
    /// Starts to send; the task ends when all that could send are gone and everything is sent.
    pub(crate) fn start(
        client: Client,
        worker_name: &str,
        worker_type: &str,
    ) -> (Self, tokio::task::JoinHandle<()>) {
        let (queue, mut waiting) = mpsc::channel(MOST_WAITING);
        let sending = tokio::spawn(async move {
            let mut events: Vec<Event> = Vec::new();
            while waiting.recv_many(&mut events, MOST_AT_ONCE).await > 0 {
                if let Err(error) = client.emit_events(&events).await {
                    tracing::warn!(%error, "cannot tell of events of this worker");
                }
                events.clear();
            }
        });
        let worker = labels([
            ("prefect.resource.id", format!("prefect.worker.{worker_type}.{}", slug(worker_name))),
            ("prefect.resource.name", worker_name.to_owned()),
            ("prefect.version", CLIENT_VERSION.to_owned()),
            ("prefect.worker-type", worker_type.to_owned()),
        ]);
        (Self { queue, worker, clock: sluice_clock::SystemClock }, sending)
    }

    /// `prefect.worker.started`
    pub(crate) fn started(&self, pool: &WorkPool) -> EventId {
        self.send("prefect.worker.started", vec![pool_labels(pool)], None)
    }

    /// `prefect.worker.stopped`
    pub(crate) fn stopped(&self, pool: &WorkPool, started: EventId) {
        self.send("prefect.worker.stopped", vec![pool_labels(pool)], Some(started));
    }

    /// `prefect.worker.submitted-flow-run`
    pub(crate) fn submitted(&self, run: &Related<'_>) -> EventId {
        self.send("prefect.worker.submitted-flow-run", run.labels(None), None)
    }

    /// `prefect.worker.executed-flow-run`
    pub(crate) fn executed(&self, run: &Related<'_>, identifier: &str, exit: &Exit, submitted: EventId) {
        self.send("prefect.worker.executed-flow-run", run.labels(Some((identifier, exit))), Some(submitted));
    }

    fn send(&self, name: &str, related: Vec<Labels>, follows: Option<EventId>) -> EventId {
        let mut event = Event::new(self.clock.now(), name, self.worker.clone());
        event.related = related;
        event.follows = follows;
        let id = event.id;
        if self.queue.try_send(event).is_err() {
            tracing::warn!(event = name, "too many events wait; one is left out");
        }
        id
    }
}

/// What an event about a run names.
pub(crate) struct Related<'a> {
    pub(crate) flow_run: &'a ScheduledFlowRun,
    pub(crate) deployment: Option<&'a Deployment>,
    pub(crate) flow: &'a Flow,
    pub(crate) pool: &'a WorkPool,
}

impl Related<'_> {
    fn labels(&self, end: Option<(&str, &Exit)>) -> Vec<Labels> {
        let mut related = Vec::new();
        if let Some(deployment) = self.deployment {
            related.push(resource("deployment", &deployment.id.to_string(), &deployment.name));
        }
        related.push(resource("flow", &self.flow.id.to_string(), &self.flow.name));
        let mut run = resource("flow-run", &self.flow_run.id.to_string(), &self.flow_run.name);
        if let Some((identifier, exit)) = end {
            let code = exit.code.map_or_else(|| "unknown".to_owned(), |code| code.to_string());
            run.insert("prefect.infrastructure.identifier".to_owned(), identifier.to_owned());
            run.insert("prefect.infrastructure.status-code".to_owned(), code);
        }
        related.push(run);
        let tags = self.deployment.into_iter().flat_map(|deployment| &deployment.tags);
        let mut tags: Vec<&String> = tags.chain(&self.flow.tags).chain(&self.flow_run.tags).collect();
        tags.sort();
        tags.dedup();
        related.extend(tags.into_iter().map(|tag| {
            labels([
                ("prefect.resource.id", format!("prefect.tag.{tag}")),
                ("prefect.resource.role", "tag".to_owned()),
            ])
        }));
        related.push(pool_labels(self.pool));
        related
    }
}

fn pool_labels(pool: &WorkPool) -> Labels {
    resource("work-pool", &pool.id.to_string(), &pool.name)
}

fn resource(kind: &str, id: &str, name: &str) -> Labels {
    labels([
        ("prefect.resource.id", format!("prefect.{kind}.{id}")),
        ("prefect.resource.role", kind.to_owned()),
        ("prefect.resource.name", name.to_owned()),
    ])
}

fn labels<const N: usize>(labels: [(&str, String); N]) -> Labels {
    labels.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A name as part of the id of a resource: lower case, words joined by hyphens.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for character in name.chars() {
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn names_become_parts_of_ids() {
        let cases = [("ProcessWorker 1f", "processworker-1f"), ("  A_b  c ", "a-b-c"), ("x", "x")];
        for (name, expected) in cases {
            assert_eq!(slug(name), expected);
        }
    }
}
