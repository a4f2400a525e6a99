//! `logs`: `POST /logs/` with batches as the SDK's log handler sends them; figures are for one line.

use serde_json::{Value, json};

use super::prepare;
use crate::failure::Failure;
use crate::load::Load;
use crate::report::Measurement;
use crate::servers::Server;
use crate::workload::Workload;

/// Lines of one request.
const BATCH: u64 = 200;

pub(super) async fn run(server: &mut Server, workload: &Workload) -> Result<Vec<Measurement>, Failure> {
    let client = server.client().clone();
    let flow_run = prepare::running_run(&client).await?;

    let counted = client.clone();
    let counted_flow_run = flow_run.clone();
    let send = move |batch| {
        let (client, body) = (client.clone(), log_lines(&flow_run, batch));
        async move { client.measured_post("/logs/", body).await.map(drop) }
    };
    let load = Load { workers: 1, operations: workload.log_batches, time_limit: workload.time_limit };
    let measurement = load.run("line, in batches of 200", server.process_id(), BATCH, send).await?;

    // There is no count of logs: the newest line that was accepted must be there.
    let page = json!({
        "logs": { "flow_run_id": { "any_": [counted_flow_run] } },
        "sort": "TIMESTAMP_DESC",
        "limit": 1,
    });
    let newest = counted.post("/logs/filter", &page).await?;
    let found = newest.as_array().is_some_and(|lines| !lines.is_empty());
    let note = "accepted lines cannot be read back".to_owned();
    Ok(vec![if found { measurement } else { measurement.with_note(note) }])
}

fn log_lines(flow_run: &str, batch: u64) -> String {
    let now = jiff::Timestamp::now().to_string();
    let lines: Vec<Value> = (0..BATCH)
        .map(|line| {
            json!({
                "name": "prefect.flow_runs",
                "level": 20,
                "message": format!("batch {batch}, line {line}: a message of an ordinary length"),
                "timestamp": now,
                "flow_run_id": flow_run,
            })
        })
        .collect();
    Value::Array(lines).to_string()
}
