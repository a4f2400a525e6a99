//! `fill`: very many flow runs over the API, by 32 clients at once: one a request, then a hundred runs of a deployment a
//! request. Everything that was accepted must be there: the server counts it.

use serde_json::{Value, json};

use super::prepare;
use crate::cpu::tree_memory;
use crate::failure::Failure;
use crate::http_client::HttpClient;
use crate::load::Load;
use crate::report::{Figure, Measurement};
use crate::servers::Server;
use crate::workload::Workload;

const CLIENTS: u64 = 32;

/// Most runs that one bulk request may create.
const BULK: u64 = 100;

const MEBIBYTE: f64 = 1024.0 * 1024.0;

pub(super) async fn run(server: &mut Server, workload: &Workload) -> Result<Vec<Measurement>, Failure> {
    let client = server.client().clone();
    let flow = prepare::flow(&client).await?;
    let deployment = client.create("/deployments/", &json!({ "name": "bench", "flow_id": flow })).await?;

    let one = prepare::run_in(&flow, "PENDING", "Pending");
    let run = json!({ "state": { "type": "PENDING", "name": "Pending" } });
    let many = Value::Array(vec![run; BULK as usize]).to_string();
    let in_bulk = format!("/deployments/{deployment}/create_flow_run/bulk");
    let of_flow = json!({ "flow_runs": { "deployment_id": { "is_null_": true } } });
    let of_deployment = json!({ "deployments": { "id": { "any_": [deployment] } } });
    let requests = [
        ("flow run", "/flow_runs/".to_owned(), one, 1, of_flow),
        ("flow run, a hundred a request", in_bulk, many, BULK, of_deployment),
    ];

    let mut measurements = Vec::new();
    for (name, path, body, units, created) in requests {
        let sender = client.clone();
        let create = move |_| {
            let (client, path, body) = (sender.clone(), path.clone(), body.clone());
            async move { client.measured_post(&path, body).await.map(drop) }
        };
        let time_limit = workload.time_limit;
        let load = Load { workers: CLIENTS, operations: workload.filled_runs.div_ceil(units), time_limit };
        let measurement = load.run(name, server.process_id(), units, create).await?;
        measurements.push(counted(&client, measurement, &created).await?);
    }
    let (at_rest, highest) = tree_memory(server.process_id());
    for (part, bytes) in [("resident memory afterwards", at_rest), ("highest", highest)] {
        measurements.push(Measurement::of_value(part, bytes as f64 / MEBIBYTE, "MiB"));
    }
    Ok(measurements)
}

/// What was accepted and is not there is lost.
async fn counted(
    client: &HttpClient,
    measurement: Measurement,
    runs: &Value,
) -> Result<Measurement, Failure> {
    let done = match measurement.figure {
        Figure::Work { done, .. } => done,
        Figure::Value { .. } => 0,
    };
    let stored = client.count("/flow_runs/count", runs).await?;
    Ok(measurement.with_lost(done.saturating_sub(stored)).with_note(format!("{stored} runs counted")))
}
