//! `poll`: a worker asks a work pool with many runs waiting for those it should start.
//!
//! The runs are scheduled some minutes ahead and the worker asks for a later time, so that all are due for it
//! while no server marks them as late in the meantime.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::prepare;
use crate::failure::Failure;
use crate::load::Load;
use crate::report::Measurement;
use crate::servers::Server;
use crate::workload::Workload;

/// Most runs that one bulk request may create.
const BULK: u64 = 100;

pub(super) async fn run(server: &mut Server, workload: &Workload) -> Result<Vec<Measurement>, Failure> {
    let client = server.client().clone();
    client.post("/work_pools/", &json!({ "name": "bench", "type": "process" })).await?;
    let flow = prepare::flow(&client).await?;
    let deployment = json!({ "name": "bench", "flow_id": flow, "work_pool_name": "bench" });
    let deployment = client.create("/deployments/", &deployment).await?;

    let path = format!("/deployments/{deployment}/create_flow_run/bulk");
    let earliest = Timestamp::now() + SignedDuration::from_mins(30);
    let mut created = 0;
    while created < workload.due_runs {
        let count = BULK.min(workload.due_runs - created);
        let runs: Vec<Value> = (created..created + count)
            .map(|number| {
                let due = earliest + SignedDuration::from_millis(number as i64);
                json!({ "state": {
                    "type": "SCHEDULED",
                    "name": "Scheduled",
                    "state_details": { "scheduled_time": due.to_string() },
                }})
            })
            .collect();
        client.post(&path, &Value::Array(runs)).await?;
        created += count;
    }

    let scheduled_before = Timestamp::now() + SignedDuration::from_hours(2);
    let body = json!({ "work_queue_names": [], "scheduled_before": scheduled_before.to_string() });
    let path = "/work_pools/bench/get_scheduled_flow_runs";
    let answer = client.post(path, &body).await?;
    let handed_out = answer.as_array().map_or(0, Vec::len);

    let body = body.to_string();
    let poll = move |_| {
        let (client, body) = (client.clone(), body.clone());
        async move { client.measured_post(path, body).await.map(drop) }
    };
    let load = Load { workers: 1, operations: workload.polls, time_limit: workload.time_limit };
    let measurement = load.run("poll", server.process_id(), 1, poll).await?;
    Ok(vec![measurement.with_note(format!("{created} runs waiting, {handed_out} in an answer"))])
}
