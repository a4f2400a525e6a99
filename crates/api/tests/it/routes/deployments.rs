use serde_json::{Value, json};
use sluice_test_support::TestServer;

async fn flow(server: &TestServer) -> Value {
    server.post("/flows/", json!({"name": "etl"})).await.1["id"].clone()
}

/// Creates a deployment named `nightly` with these fields.
async fn deploy(server: &TestServer, mut fields: Value) -> (u16, Value) {
    fields["name"] = json!("nightly");
    fields["flow_id"] = flow(server).await;
    server.post("/deployments/", fields).await
}

#[tokio::test]
async fn a_deployment_is_created_changed_found_and_deleted() {
    let server = TestServer::start().await;
    let (status, first) =
        deploy(&server, json!({"tags": ["a"], "parameters": {"n": 1}, "version": "1"})).await;
    assert_eq!(status, 201, "{first}");
    let id = first["id"].as_str().expect("an id");
    assert_eq!(first["labels"], json!({"prefect.flow.id": first["flow_id"]}));
    assert_eq!((&first["status"], &first["paused"]), (&json!("NOT_READY"), &json!(false)));

    let (status, second) = deploy(&server, json!({"parameters": {"n": 2}})).await;
    assert_eq!((status, &second["id"]), (200, &first["id"]), "flow and name say which deployment");
    assert_eq!(
        (&second["parameters"], &second["tags"]),
        (&json!({"n": 2}), &json!(["a"])),
        "only what was sent changes"
    );

    let path = format!("/deployments/{id}");
    assert_eq!(server.patch(&path, json!({"description": "d", "version": null})).await.0, 204);
    let (_, read) = server.get("/deployments/name/etl/nightly").await;
    assert_eq!((&read["description"], &read["version"]), (&json!("d"), &Value::Null));
    let filter = json!({"deployments": {"name": {"any_": ["nightly"]}}});
    assert_eq!(server.post("/deployments/filter", filter.clone()).await, (200, json!([read])));
    assert_eq!(server.post("/deployments/count", filter).await, (200, json!(1)));

    assert_eq!(server.delete(&path).await.0, 204);
    assert_eq!(server.get(&path).await, (404, json!({"detail": "Deployment not found"})));
    assert_eq!(server.delete(&path).await.0, 404);
}

#[tokio::test]
async fn what_a_deployment_refers_to_must_exist() {
    let server = TestServer::start().await;
    let (status, body) = deploy(&server, json!({"work_pool_name": "nowhere"})).await;
    assert_eq!((status, body), (404, json!({"detail": "Work pool \"nowhere\" not found."})));
    let id = uuid_of(&flow(&server).await);
    let (status, _) = deploy(&server, json!({"global_concurrency_limit_id": id})).await;
    assert_eq!(status, 404);
    let both = json!({"global_concurrency_limit_id": id, "concurrency_limit": 2});
    assert_eq!(deploy(&server, both).await.0, 422);
}

fn uuid_of(value: &Value) -> String {
    value.as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn runs_take_the_parameters_of_the_deployment_and_their_own() {
    let server = TestServer::start().await;
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}, "s": {"type": "string"}}, "required": ["n"]});
    let (_, deployment) = deploy(&server, json!({
        "parameters": {"n": 1, "s": "x"}, "parameter_openapi_schema": schema, "enforce_parameter_schema": true, "tags": ["d"],
    })).await;
    let path = format!("/deployments/{}/create_flow_run", uuid_of(&deployment["id"]));
    let request = json!({"parameters": {"n": {"__prefect_kind": "json", "value": "7"}}, "tags": ["r"], "idempotency_key": "k"});
    let (status, run) = server.post(&path, request.clone()).await;
    assert_eq!(status, 201, "{run}");
    assert_eq!(run["parameters"], json!({"n": 7, "s": "x"}));
    assert_eq!((&run["tags"], &run["state"]["type"]), (&json!(["d", "r"]), &json!("SCHEDULED")));
    assert_eq!(server.post(&path, request).await.0, 200, "the key says which run");

    let cases = [
        (
            json!({"parameters": {"n": null}}),
            409,
            "Error creating flow run: Validation failed for field 'n'. Failure reason: None is not of type 'integer'",
        ),
        (
            json!({"parameters": {"n": {"__prefect_kind": "workspace_variable", "variable_name": "v"}}}),
            400,
            "Error hydrating flow run parameters: Variable 'v' not found in workspace.",
        ),
        (json!({"work_queue_name": "q"}), 400, "is not associated with a work pool"),
    ];
    for (request, status, detail) in cases {
        let (found, body) = server.post(&path, request.clone()).await;
        assert_eq!(found, status, "{request}: {body}");
        assert!(body["detail"].as_str().is_some_and(|text| text.contains(detail)), "{request}: {body}");
    }
    let (_, made) = server.post(&format!("{path}/bulk"), json!([{}, {"parameters": {"n": "x"}}])).await;
    assert_eq!(made["results"][0]["status"], "CREATED");
    assert_eq!(made["results"][1]["status"], "FAILED");
}

#[tokio::test]
async fn schedules_with_slugs_are_changed_one_by_one() {
    let server = TestServer::start().await;
    let schedule = |slug: &str, cron: &str| json!({"slug": slug, "schedule": {"cron": cron}});
    let (_, deployment) =
        deploy(&server, json!({"schedules": [schedule("a", "0 1 * * *"), schedule("b", "0 2 * * *")]})).await;
    let id = uuid_of(&deployment["id"]);
    let path = format!("/deployments/{id}");
    let slugs = async || {
        let (_, schedules) = server.get(&format!("{path}/schedules")).await;
        let mut slugs: Vec<(String, String)> = schedules
            .as_array()
            .expect("a list")
            .iter()
            .map(|schedule| (uuid_of(&schedule["slug"]), uuid_of(&schedule["schedule"]["cron"])))
            .collect();
        slugs.sort();
        slugs
    };
    let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(slug, cron)| ((*slug).to_owned(), (*cron).to_owned())).collect()
    };
    let mut swap = schedule("b", "0 1 * * *");
    swap["replaces"] = json!("a");
    let mut back = schedule("a", "0 2 * * *");
    back["replaces"] = json!("b");
    assert_eq!(
        server.patch(&path, json!({"schedules": [swap, back, schedule("c", "0 3 * * *")]})).await.0,
        204
    );
    assert_eq!(slugs().await, pairs(&[("a", "0 2 * * *"), ("b", "0 1 * * *"), ("c", "0 3 * * *")]));
    assert_eq!(server.patch(&path, json!({"schedules": [schedule("a", "0 9 * * *")]})).await.0, 204);
    assert_eq!(slugs().await.len(), 3, "those that are not named stay");

    let unnamed = json!({"schedules": [{"schedule": {"cron": "0 0 * * *"}}]});
    assert_eq!(server.patch(&path, unnamed).await.0, 422);
    let again = json!([schedule("a", "0 0 * * *")]);
    let (status, body) = server.post(&format!("{path}/schedules"), again).await;
    assert_eq!(
        (status, body),
        (409, json!({"detail": "Schedule slugs must be unique within a deployment."}))
    );
    assert_eq!(
        server.post(&format!("{path}/schedules"), json!([{"schedule": {"cron": "not a cron"}}])).await.0,
        422
    );
}

#[tokio::test]
async fn polling_makes_a_deployment_ready_without_changing_it() {
    let server = TestServer::start().await;
    let (_, deployment) = deploy(&server, json!({})).await;
    let id = uuid_of(&deployment["id"]);
    server.post(&format!("/deployments/{id}/create_flow_run"), json!({})).await;
    let poll = json!({"deployment_ids": [id]});
    let (status, runs) = server.post("/deployments/get_scheduled_flow_runs", poll).await;
    assert_eq!((status, runs.as_array().map(Vec::len)), (200, Some(1)));
    let (_, ready) = server.get(&format!("/deployments/{id}")).await;
    assert_eq!((&ready["status"], &ready["updated"]), (&json!("READY"), &deployment["updated"]));
    assert!(ready["last_polled"].is_string());
}

#[tokio::test]
async fn forms_are_checked_against_their_schema() {
    let server = TestServer::start().await;
    let request = json!({
        "schema": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]},
        "values": {"n": {"__prefect_kind": "json", "value": "\"x\""}},
    });
    let (status, body) = server.post("/ui/schemas/validate", request).await;
    assert_eq!(status, 200);
    let expected =
        json!({"errors": [{"property": "n", "errors": ["'x' is not of type 'integer'"]}], "valid": false});
    assert_eq!(body, expected);
    let (status, _) = server.post("/ui/schemas/validate", json!({"schema": {"type": 5}, "values": {}})).await;
    assert_eq!(status, 422);
}
