//! Which firings came, how long after their events, and whether each came once.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::event_subscription::EventSubscription;
use crate::failure::Failure;
use crate::http_client::HttpClient;
use crate::report::Measurement;

const TRIGGERED: &str = "prefect.automation.triggered";
const EXECUTED: &str = "prefect.automation.action.executed";
/// How long firings may take to come.
const PATIENCE: Duration = Duration::from_secs(120);
/// When all have come, how long a second one is waited for.
const AFTERWARDS: Duration = Duration::from_secs(5);

/// A firing that has to come.
#[derive(Debug)]
pub(super) struct Expected {
    pub(super) automation: String,
    /// The event that makes it fire; none when the absence of one does.
    pub(super) event: Option<Uuid>,
    /// From here its latency counts.
    pub(super) due: Instant,
}

#[derive(Debug)]
struct Seen {
    is_executed: bool,
    automation: String,
    event: Option<Uuid>,
    at: Instant,
}

/// Listens for firings.
#[derive(Debug)]
pub(super) struct Watch {
    seen: mpsc::UnboundedReceiver<Seen>,
    listener: JoinHandle<Result<(), Failure>>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

impl Watch {
    /// Listens from now on.
    pub(super) async fn start(client: &HttpClient) -> Result<Self, Failure> {
        let mut subscription = EventSubscription::connect(client, &[TRIGGERED, EXECUTED]).await?;
        let (sender, seen) = mpsc::unbounded_channel();
        let listener = tokio::spawn(async move {
            loop {
                let Some(event) = subscription.next(Duration::from_secs(1)).await? else { continue };
                if let Some(firing) = firing(&event)
                    && sender.send(firing).is_err()
                {
                    return Ok(());
                }
            }
        });
        Ok(Self { seen, listener })
    }

    /// Waits for what is expected, and a while for what is not.
    pub(super) async fn finish(
        mut self,
        client: &HttpClient,
        expected: Vec<Expected>,
    ) -> Result<Vec<Measurement>, Failure> {
        let mut triggered = Tally::new(&expected);
        let mut executed = Tally::new(&expected);
        let mut deadline = tokio::time::Instant::now() + PATIENCE;
        let mut is_complete = false;
        while let Ok(Some(seen)) = tokio::time::timeout_at(deadline, self.seen.recv()).await {
            if seen.is_executed {
                executed.take(&seen)
            } else {
                triggered.take(&seen)
            }
            if !is_complete && triggered.missing() == 0 && executed.missing() == 0 {
                is_complete = true;
                deadline = deadline.min(tokio::time::Instant::now() + AFTERWARDS);
            }
        }
        // What nobody heard of may stand in the database all the same.
        let stored = client
            .post(
                "/events/filter",
                &serde_json::json!({"filter": {"event": {"name": [EXECUTED]}}, "limit": 1}),
            )
            .await?;
        let stored = stored.get("total").and_then(Value::as_u64).unwrap_or_default();
        let executed = executed
            .measurement("firing, until its action was executed, longest")
            .with_note(format!("{} firings expected, {stored} executed actions stored", expected.len()));
        Ok(vec![triggered.measurement("firing, until it was told, longest"), executed])
    }
}

/// The firing that an event tells of.
fn firing(event: &Value) -> Option<Seen> {
    let automation = event.pointer("/resource/prefect.resource.id")?.as_str()?;
    let related = event.get("related").and_then(Value::as_array).into_iter().flatten();
    let triggering = related
        .filter(|related| {
            related.get("prefect.resource.role").and_then(Value::as_str) == Some("triggering-event")
        })
        .find_map(|related| related.get("prefect.resource.id")?.as_str()?.strip_prefix("prefect.event."));
    Some(Seen {
        is_executed: event.get("event")?.as_str()? == EXECUTED,
        automation: automation.strip_prefix("prefect.automation.")?.to_owned(),
        event: triggering.and_then(|id| id.parse().ok()),
        at: Instant::now(),
    })
}

/// Each firing that has to come, and how long after it was due it came, each time.
struct Tally {
    due: HashMap<(String, Option<Uuid>), (Instant, Vec<Duration>)>,
    unexpected: u64,
    missing: usize,
}

impl Tally {
    fn new(expected: &[Expected]) -> Self {
        let due: HashMap<_, _> = expected
            .iter()
            .map(|expected| ((expected.automation.clone(), expected.event), (expected.due, Vec::new())))
            .collect();
        Self { missing: due.len(), due, unexpected: 0 }
    }

    fn take(&mut self, seen: &Seen) {
        let exact = (seen.automation.clone(), seen.event);
        let key = if self.due.contains_key(&exact) { exact } else { (seen.automation.clone(), None) };
        match self.due.get_mut(&key) {
            Some((due, latencies)) => {
                self.missing -= usize::from(latencies.is_empty());
                latencies.push(seen.at.saturating_duration_since(*due));
            }
            None => self.unexpected += 1,
        }
    }

    fn missing(&self) -> usize {
        self.missing
    }

    fn measurement(&self, part: &str) -> Measurement {
        let latencies: Vec<Duration> =
            self.due.values().filter_map(|(_, latencies)| latencies.first().copied()).collect();
        let twice = self.due.values().map(|(_, latencies)| latencies.len().saturating_sub(1) as u64).sum();
        let longest = latencies.iter().max().copied().unwrap_or_default();
        let mut measurement = Measurement::of_value(part, longest.as_secs_f64() * 1e3, "ms")
            .with_latencies(latencies)
            .with_lost(self.missing as u64);
        for (label, count) in [("again", twice), ("unexpected", self.unexpected)] {
            if count > 0 {
                measurement.errors.insert(label.to_owned(), count);
            }
        }
        measurement
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_late_twice_or_never_is_told_apart() {
        let now = Instant::now();
        let event = Uuid::from_u128(1);
        let expected =
            |automation: &str, event| Expected { automation: automation.to_owned(), event, due: now };
        let mut tally =
            Tally::new(&[expected("a", Some(event)), expected("b", None), expected("c", Some(event))]);
        let seen = |automation: &str, event, milliseconds| Seen {
            is_executed: true,
            automation: automation.to_owned(),
            event,
            at: now + Duration::from_millis(milliseconds),
        };
        tally.take(&seen("a", Some(event), 5));
        tally.take(&seen("a", Some(event), 6));
        tally.take(&seen("b", Some(Uuid::from_u128(2)), 7));
        tally.take(&seen("d", Some(event), 8));
        let measurement = tally.measurement("firing");
        assert_eq!(measurement.lost, Some(1));
        let errors: Vec<_> =
            measurement.errors.iter().map(|(label, count)| (label.as_str(), *count)).collect();
        assert_eq!(errors, [("again", 1), ("unexpected", 1)]);
        assert!(measurement.summary().contains("7.00 ms"), "{}", measurement.summary());
    }
}
