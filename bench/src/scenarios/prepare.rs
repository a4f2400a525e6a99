//! What several scenarios set up or send.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::failure::Failure;
use crate::http_client::{HttpClient, Refusal};

/// Events of the benchmark carry this prefix, so that a server's own events are not counted.
pub(super) const EVENT_PREFIX: &str = "bench.";

/// Creates a flow and returns its id.
pub(super) async fn flow(client: &HttpClient) -> Result<String, Failure> {
    client.create("/flows/", &json!({ "name": "bench" })).await
}

/// Creates a flow run that is Running, for things that belong to one, and returns its id.
pub(super) async fn running_run(client: &HttpClient) -> Result<String, Failure> {
    let flow = flow(client).await?;
    let body: Value = serde_json::from_str(&run_in(&flow, "RUNNING", "Running"))?;
    client.create("/flow_runs/", &body).await
}

/// The body that creates a flow run in a state of this type and name.
pub(super) fn run_in(flow: &str, kind: &str, name: &str) -> String {
    json!({
        "flow_id": flow,
        "parameters": { "number": 1, "text": "a parameter" },
        "tags": ["bench"],
        "state": { "type": kind, "name": name },
    })
    .to_string()
}

/// Creates a flow run and takes it through Pending and Running to Completed: four requests.
pub(super) async fn lifecycle(client: &HttpClient, flow: &str) -> Result<(), Refusal> {
    let created = client.measured_post("/flow_runs/", run_in(flow, "SCHEDULED", "Scheduled")).await?;
    let created: Value = serde_json::from_slice(&created).map_err(|_| "unreadable".to_owned())?;
    let id = created.get("id").and_then(Value::as_str).ok_or_else(|| "without id".to_owned())?;
    let path = format!("/flow_runs/{id}/set_state");
    for (kind, name) in [("PENDING", "Pending"), ("RUNNING", "Running"), ("COMPLETED", "Completed")] {
        let body = json!({ "state": { "type": kind, "name": name }, "force": false }).to_string();
        let answer = client.measured_post(&path, body).await?;
        // A refused transition is answered with 200 as well.
        if !contains(&answer, br#""status":"ACCEPT""#) {
            return Err("not accepted".to_owned());
        }
    }
    Ok(())
}

/// An event of the benchmark as JSON text, occurring now.
pub(super) fn event(number: u64) -> String {
    json!({
        "occurred": jiff::Timestamp::now().to_string(),
        "event": format!("{EVENT_PREFIX}happened"),
        "resource": {
            "prefect.resource.id": format!("bench.thing.{}", number % 1000),
            "prefect.resource.name": "thing",
        },
        "related": [{ "prefect.resource.id": "bench.group.1", "prefect.resource.role": "group" }],
        "payload": { "number": number, "text": "as much as a small event carries" },
        "id": Uuid::now_v7(),
        "follows": null,
    })
    .to_string()
}

/// An event of this name as JSON text, occurring now, and its id.
pub(super) fn named_event(name: &str, resource: &str) -> (Uuid, String) {
    let id = Uuid::now_v7();
    let event = json!({
        "occurred": jiff::Timestamp::now().to_string(), "event": name, "id": id,
        "resource": { "prefect.resource.id": resource }, "related": [], "payload": {}, "follows": null,
    });
    (id, event.to_string())
}

/// How many events of the benchmark can be queried.
pub(super) async fn stored_events(client: &HttpClient) -> Result<u64, Failure> {
    let path = "/events/filter";
    let body = json!({ "filter": { "event": { "prefix": [EVENT_PREFIX] } }, "limit": 1 });
    let page = client.post(path, &body).await?;
    page.get("total")
        .and_then(Value::as_u64)
        .ok_or_else(|| Failure::MissingField { path: path.to_owned(), field: "total" })
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
