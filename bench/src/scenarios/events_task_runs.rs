//! `events-task-runs`: task runs as the SDK's engine reports them, as three events each over the WebSocket;
//! figures are for one task run and include the time until it can be queried. Lost is task runs that were sent
//! and confirmed and do not exist, or exist in a state other than their last.

use serde_json::json;
use uuid::Uuid;

use super::prepare;
use crate::cpu::Meter;
use crate::drain::drain;
use crate::event_stream::EventStream;
use crate::failure::Failure;
use crate::report::Measurement;
use crate::servers::Server;
use crate::workload::Workload;

/// The states a task run goes through: type and name.
const STATES: [(&str, &str); 3] =
    [("PENDING", "Pending"), ("RUNNING", "Running"), ("COMPLETED", "Completed")];

/// Task runs that are under way at once, as with a concurrent task runner: all become Pending, then all
/// Running, then all Completed.
const AT_ONCE: u64 = 10;

pub(super) async fn run(server: &mut Server, workload: &Workload) -> Result<Vec<Measurement>, Failure> {
    let client = server.client().clone();
    let flow_run = prepare::running_run(&client).await?;

    let mut stream = EventStream::connect(&client).await?;
    let meter = Meter::start(server.process_id());
    let mut sent = 0;
    while sent < workload.task_runs {
        let count = AT_ONCE.min(workload.task_runs - sent);
        let mut task_runs: Vec<TaskRun> = (0..count).map(|_| TaskRun::new()).collect();
        for step in 0..STATES.len() {
            for task_run in &mut task_runs {
                if let Some(event) = task_run.event(step, &flow_run) {
                    stream.send(event).await?;
                }
            }
        }
        sent += count;
    }
    stream.confirm().await?;
    let accepted_after = meter.read().wall.as_secs_f64();
    stream.close().await;

    let completed = json!({ "task_runs": { "state": { "type": { "any_": ["COMPLETED"] } } } });
    let drained = drain(&meter, sent, || client.count("/task_runs/count", &completed)).await?;
    let existing = client.count("/task_runs/count", &json!({})).await?;
    let measurement = Measurement::of_work("task run, three events", drained.count, drained.spent)
        .with_lost(sent.saturating_sub(drained.count))
        .with_note(format!("{} events confirmed in {accepted_after:.2} s", sent * STATES.len() as u64));
    Ok(vec![match existing.saturating_sub(drained.count) {
        0 => measurement,
        unfinished => measurement.with_note(format!("{unfinished} task runs are not in their last state")),
    }])
}

/// A task run of a flow process, which numbers and times its states itself.
struct TaskRun {
    id: Uuid,
    dynamic_key: Uuid,
    created: jiff::Timestamp,
    last_event: Option<Uuid>,
}

impl TaskRun {
    fn new() -> Self {
        Self {
            id: Uuid::now_v7(),
            dynamic_key: Uuid::new_v4(),
            created: jiff::Timestamp::now(),
            last_event: None,
        }
    }

    /// The event for the state number `step`, in the shape of recorded traffic of the SDK; none after the last.
    fn event(&mut self, step: usize, flow_run: &str) -> Option<String> {
        let (kind, name) = STATES.get(step)?;
        let previous = step.checked_sub(1).and_then(|previous| STATES.get(previous));
        let now = jiff::Timestamp::now().to_string();
        let created = self.created.to_string();
        let run_count = u8::from(step > 0);
        let id = Uuid::now_v7();
        let follows = self.last_event.replace(id);
        let mut task_run = json!({
            "name": "bench-task",
            "task_key": "bench_task-0a1b2c3d",
            "dynamic_key": self.dynamic_key,
            "empirical_policy": { "max_retries": 0, "retry_delay_seconds": 0.0, "retries": 0, "retry_delay": 0 },
            "tags": [],
            "labels": {},
            "task_inputs": { "x": [] },
            "run_count": run_count,
            "flow_run_run_count": run_count,
            "expected_start_time": created,
            "total_run_time": 0.0,
        });
        if step > 0 {
            task_run["start_time"] = json!(created);
        }
        if *kind == "COMPLETED" {
            task_run["end_time"] = json!(now);
        }
        let event = json!({
            "occurred": now,
            "event": format!("prefect.task-run.{name}"),
            "resource": {
                "prefect.resource.id": format!("prefect.task-run.{}", self.id),
                "prefect.resource.name": "bench-task",
                "prefect.run-count": run_count.to_string(),
                "prefect.state-message": "",
                "prefect.state-name": name,
                "prefect.state-timestamp": now,
                "prefect.state-type": kind,
                "prefect.orchestration": "client",
            },
            "related": [{
                "prefect.resource.id": format!("prefect.flow-run.{flow_run}"),
                "prefect.resource.role": "flow-run",
                "prefect.resource.name": "bench",
            }],
            "payload": {
                "intended": { "from": previous.map(|(kind, _)| kind), "to": kind },
                "initial_state": previous.map(|(kind, name)| {
                    json!({ "type": kind, "name": name, "message": "", "state_details": {} })
                }),
                "validated_state":
                    { "type": kind, "name": name, "message": "", "state_details": {}, "data": null },
                "task_run": task_run,
            },
            "id": id,
            "follows": follows,
        });
        Some(event.to_string())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn events_of_a_task_run_follow_each_other() {
        let mut task_run = TaskRun::new();
        let events: Vec<Value> = (0..STATES.len())
            .filter_map(|step| task_run.event(step, "f"))
            .map(|event| serde_json::from_str(&event).expect("events are JSON"))
            .collect();
        assert_eq!(events[0]["follows"], Value::Null);
        assert_eq!(events[1]["follows"], events[0]["id"]);
        assert_eq!(events[2]["follows"], events[1]["id"]);
        assert_eq!(events[2]["payload"]["intended"], json!({ "from": "RUNNING", "to": "COMPLETED" }));
        assert!(task_run.event(STATES.len(), "f").is_none());
    }
}
