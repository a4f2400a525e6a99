use serde_json::{Value, json};
use sluice_test_support::TestServer;

async fn create(server: &TestServer, fields: Value) -> Value {
    let (_, flow) = server.post("/flows/", json!({"name": "etl"})).await;
    let mut body = json!({"flow_id": flow["id"], "name": "night"});
    body.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    let (status, run) = server.post("/flow_runs/", body).await;
    assert_eq!(status, 201, "{run}");
    run
}

fn path(run: &Value, rest: &str) -> String {
    format!("/flow_runs/{}{rest}", run["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn a_run_is_written_with_every_field() {
    let server = TestServer::start().await;
    let run = create(&server, json!({"tags": ["a"], "parameters": {"x": 1}})).await;
    let fields: Vec<&String> = run.as_object().expect("an object").keys().collect();
    insta::assert_json_snapshot!(fields);
    let state: Vec<&String> = run["state"].as_object().expect("an object").keys().collect();
    insta::assert_json_snapshot!(state);
    let (status, read) = server.get(&path(&run, "")).await;
    assert_eq!((status, &read["id"], &read["state"]), (200, &run["id"], &run["state"]));
}

#[tokio::test]
async fn a_new_state_is_201_and_a_refused_one_200() {
    let server = TestServer::start().await;
    let run = create(&server, json!({"state": {"type": "SCHEDULED"}})).await;
    let set = async |state: &str| {
        let (status, answer) =
            server.post(&path(&run, "/set_state"), json!({"state": {"type": state}})).await;
        (status, answer["status"].clone(), answer["state"]["type"].clone())
    };
    assert_eq!(set("PENDING").await, (201, json!("ACCEPT"), json!("PENDING")));
    assert_eq!(set("PENDING").await.0, 200);
    assert_eq!(set("RUNNING").await, (201, json!("ACCEPT"), json!("RUNNING")));
    let (_, states) =
        server.get(&format!("/flow_run_states/?flow_run_id={}", run["id"].as_str().expect("an id"))).await;
    let types: Vec<&Value> = states.as_array().expect("a list").iter().map(|state| &state["type"]).collect();
    assert_eq!(types, ["SCHEDULED", "PENDING", "RUNNING"]);
}

#[tokio::test]
async fn unknown_runs_are_told_as_the_reference_tells_them() {
    let server = TestServer::start().await;
    let id = "7f8d86a4-09f6-4b1c-8b1d-0a7b1f8a0f6e";
    let run = json!({"id": id});
    let set = server.post(&path(&run, "/set_state"), json!({"state": {"type": "RUNNING"}})).await;
    assert_eq!(set, (404, json!({"exception_message": format!("Flow run with id {id} not found")})));
    assert_eq!(server.get(&path(&run, "")).await, (404, json!({"detail": "Flow run not found"})));
    assert_eq!(server.delete(&path(&run, "")).await, (404, json!({"detail": "Flow run not found"})));
    assert_eq!(server.get(&path(&run, "/graph-v2")).await.0, 404);
    let (status, _) = server.post("/flow_runs/", json!({"flow_id": id})).await;
    assert_eq!(status, 409);
    let (status, _) = server.get("/flow_run_states/").await;
    assert_eq!(status, 422);
}

#[tokio::test]
async fn inputs_are_kept_once_a_key() {
    let server = TestServer::start().await;
    let run = create(&server, json!({})).await;
    let input = json!({"key": "answer-1", "value": "42"});
    assert_eq!(server.post(&path(&run, "/input"), input.clone()).await.0, 201);
    assert_eq!(
        server.post(&path(&run, "/input"), input).await,
        (409, json!({"detail": "A flow run input with this key already exists."}))
    );
    let (_, found) = server.post(&path(&run, "/input/filter"), json!({"prefix": "answer"})).await;
    assert_eq!(found[0]["value"], "42");
    assert_eq!(server.get(&path(&run, "/input/answer-1")).await, (200, json!(42)));
    assert_eq!(server.delete(&path(&run, "/input/answer-1")).await.0, 204);
    assert_eq!(server.delete(&path(&run, "/input/answer-1")).await.0, 404);
}

#[tokio::test]
async fn labels_are_added() {
    let server = TestServer::start().await;
    let run = create(&server, json!({"labels": {"a": 1, "b": 1}})).await;
    assert_eq!(server.patch(&path(&run, "/labels"), json!({"b": 2, "c": true})).await.0, 204);
    let (_, read) = server.get(&path(&run, "")).await;
    assert_eq!(read["labels"], json!({"a": 1, "b": 2, "c": true, "prefect.flow.id": run["flow_id"]}));
}

#[tokio::test]
async fn a_patch_changes_what_was_sent() {
    let server = TestServer::start().await;
    let run = create(&server, json!({"tags": ["a"], "parameters": {"x": 1}})).await;
    let patch = json!({"infrastructure_pid": "host:1", "flow_version": "2"});
    assert_eq!(server.patch(&path(&run, ""), patch).await.0, 204);
    let (_, read) = server.get(&path(&run, "")).await;
    assert_eq!((&read["infrastructure_pid"], &read["flow_version"]), (&json!("host:1"), &json!("2")));
    assert_eq!((&read["tags"], &read["parameters"]), (&run["tags"], &run["parameters"]));
    assert_eq!(server.patch(&path(&run, ""), json!({"nam": "x"})).await.0, 422);
}

#[tokio::test]
async fn only_a_paused_run_resumes() {
    let server = TestServer::start().await;
    let run = create(&server, json!({"state": {"type": "RUNNING"}})).await;
    let (status, answer) = server.post(&path(&run, "/resume"), json!({})).await;
    assert_eq!((status, &answer["status"], &answer["state"]), (200, &json!("ABORT"), &Value::Null));
    server.post(&path(&run, "/set_state"), json!({"state": {"type": "PAUSED"}})).await;
    let (status, answer) = server.post(&path(&run, "/resume"), json!({})).await;
    assert_eq!((status, &answer["state"]["type"]), (201, &json!("RUNNING")));
}

#[tokio::test]
async fn bulk_requests_change_and_delete_what_matches() {
    let server = TestServer::start().await;
    let (one, other) = (create(&server, json!({})).await, create(&server, json!({})).await);
    let filter = json!({"id": {"any_": [one["id"]]}});
    let body = json!({"flow_runs": filter, "state": {"type": "CANCELLED"}});
    let (status, answer) = server.post("/flow_runs/bulk_set_state", body).await;
    assert_eq!((status, answer["results"].as_array().map(Vec::len)), (200, Some(1)));
    assert_eq!(answer["results"][0]["state"]["type"], "CANCELLED");
    let (_, answer) = server.post("/flow_runs/bulk_delete", json!({"flow_runs": filter})).await;
    assert_eq!(answer, json!({"deleted": [one["id"]]}));
    assert_eq!(server.post("/flow_runs/count", json!({})).await, (200, json!(1)));
    assert_eq!(server.get(&path(&other, "")).await.0, 200);
    assert_eq!(server.post("/flow_runs/bulk_delete", json!({"limit": 51})).await.0, 422);
}

#[tokio::test]
async fn log_lines_are_downloaded_as_csv() {
    let server = TestServer::start().await;
    let run = create(&server, json!({})).await;
    let (_, csv) = server.get(&path(&run, "/logs/download")).await;
    assert_eq!(csv, json!("timestamp,level,flow_run_id,task_run_id,message\r\n"));
}
