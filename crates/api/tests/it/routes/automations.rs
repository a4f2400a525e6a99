//! `/automations` and `/templates`

use serde_json::{Value, json};
use sluice_test_support::TestServer;

fn automation(name: &str) -> Value {
    json!({
        "name": name,
        "tags": ["a"],
        "trigger": {"type": "compound", "require": "all", "within": 60, "triggers": [
            {"type": "event", "posture": "Reactive", "expect": ["a.b"]},
            {"type": "event", "posture": "Proactive", "within": 30},
        ]},
        "actions": [{"type": "do-nothing"}],
    })
}

#[tokio::test]
async fn an_automation_lives() {
    let server = TestServer::start().await;
    let mut sent = automation("first");
    sent["trigger"]["id"] = "7a1f6f63-7a33-4c4e-8b74-1fb0a1ec0a51".into();
    let (status, created) = server.post("/automations/", sent).await;
    assert_eq!(status, 201, "{created}");
    assert_ne!(created["trigger"]["id"], "7a1f6f63-7a33-4c4e-8b74-1fb0a1ec0a51");
    assert_eq!(created["trigger"]["triggers"][1]["within"], 30.0);
    assert_eq!(created["enabled"], true);
    let path = format!("/automations/{}", created["id"].as_str().expect("an id"));
    assert_eq!(server.get(&path).await, (200, created.clone()));

    let (status, _) = server.patch(&path, json!({"enabled": false})).await;
    assert_eq!(status, 204);
    let mut update = automation("second");
    update["enabled"] = false.into();
    assert_eq!(server.send("PUT", &path, Some(&update)).await.0, 204);
    let (_, changed) = server.get(&path).await;
    assert_eq!((&changed["name"], &changed["enabled"]), (&json!("second"), &json!(false)));
    assert_ne!(changed["trigger"]["id"], created["trigger"]["id"]);

    assert_eq!(server.delete(&path).await.0, 204);
    for (method, body) in
        [("GET", None), ("PUT", Some(update)), ("PATCH", Some(json!({"enabled": true}))), ("DELETE", None)]
    {
        let (status, answer) = server.send(method, &path, body.as_ref()).await;
        assert_eq!((status, &answer["exception_message"]), (404, &json!("Automation not found")), "{method}");
    }
}

#[tokio::test]
async fn automations_are_found() {
    let server = TestServer::start().await;
    for name in ["b", "a", "c"] {
        let mut body = automation(name);
        body["tags"] = json!([name, "all"]);
        assert_eq!(server.post("/automations/", body).await.0, 201);
    }
    let cases = [
        (json!({}), json!(["a", "b", "c"])),
        (json!({"sort": "NAME_DESC", "limit": 2}), json!(["c", "b"])),
        (json!({"sort": "CREATED_DESC", "offset": 1}), json!(["a", "b"])),
        (json!({"automations": {"name": {"any_": ["a", "x"]}}}), json!(["a"])),
        (json!({"automations": {"tags": {"all_": ["all", "b"]}}}), json!(["b"])),
        (json!({"automations": {"tags": {"any_": ["a", "b"]}}}), json!(["a", "b"])),
        (json!({"automations": {"tags": {"is_null_": true}}}), json!([])),
        (
            json!({"automations": {"operator": "or_", "name": {"any_": ["a"]}, "tags": {"any_": ["c"]}}}),
            json!(["a", "c"]),
        ),
        (json!({"automations": {"created": {"before_": "2020-01-01T00:00:00Z"}}}), json!([])),
    ];
    for (body, expected) in cases {
        let (status, found) = server.post("/automations/filter", body.clone()).await;
        let names: Vec<&Value> =
            found.as_array().expect("a list").iter().map(|found| &found["name"]).collect();
        assert_eq!((status, json!(names)), (200, expected), "{body}");
        if body.get("limit").is_none() && body.get("offset").is_none() {
            assert_eq!(
                server.post("/automations/count", body.clone()).await,
                (200, names.len().into()),
                "{body}"
            );
        }
    }
    assert_eq!(server.send("POST", "/automations/count", None).await, (200, json!(3)));
    assert_eq!(server.post("/automations/filter", json!({"limit": 201})).await.0, 422);
}

#[tokio::test]
async fn automations_belong_to_resources() {
    let server = TestServer::start().await;
    let deployment = "7a1f6f63-7a33-4c4e-8b74-1fb0a1ec0a51";
    let resource = format!("prefect.deployment.{deployment}");
    let mut owned = automation("owned");
    owned["owner_resource"] = resource.clone().into();
    assert_eq!(server.post("/automations/", owned).await.0, 201);
    let mut related = automation("related");
    related["actions"] = json!([{"type": "run-deployment", "deployment_id": deployment}]);
    let (_, related) = server.post("/automations/", related).await;
    assert_eq!(server.post("/automations/", automation("other")).await.0, 201);

    let names = |found: &Value| -> Vec<String> {
        found
            .as_array()
            .expect("a list")
            .iter()
            .map(|found| found["name"].as_str().expect("text").to_owned())
            .collect()
    };
    let related_path = format!("/automations/related-to/{resource}");
    assert_eq!(names(&server.get(&related_path).await.1), ["owned", "related"]);
    let (status, answer) = server.delete(&format!("/automations/owned-by/{resource}")).await;
    assert_eq!((status, answer), (202, Value::Null));
    assert_eq!(names(&server.get(&related_path).await.1), ["related"]);

    let path = format!("/automations/{}", related["id"].as_str().expect("an id"));
    assert_eq!(server.send("PUT", &path, Some(&automation("related"))).await.0, 204);
    assert_eq!(server.get(&related_path).await, (200, json!([])));
}

#[tokio::test]
async fn refusals_say_what_is_wrong() {
    let server = TestServer::start().await;
    let id = "7a1f6f63-7a33-4c4e-8b74-1fb0a1ec0a51";
    let with = |field: &str, value: Value| {
        let mut body = automation("x");
        body[field] = value;
        body
    };
    let event = |posture: &str, within: i64| json!({"type": "event", "posture": posture, "within": within});
    let cases = [
        (with("id", json!(id)), "extra_forbidden"),
        (with("trigger", event("Proactive", 5)), "greater than or equal to 10 seconds"),
        (with("trigger", event("Reactive", -5)), "greater than or equal to 0"),
        (with("actions", json!([{"type": "run-deployment"}])), "deployment_id is required"),
        (
            with("actions", json!([{"type": "send-notification", "block_document_id": id, "body": "{{ a"}])),
            "'body' is not a valid template: ",
        ),
        (
            with(
                "actions",
                json!([{"type": "call-webhook", "block_document_id": id, "payload": "{% for %}"}]),
            ),
            "'payload' is not a valid template: ",
        ),
        (
            with(
                "actions",
                json!([{"type": "run-deployment", "deployment_id": id, "parameters": {"a": {"b": "{{ c"}}}]),
            ),
            "Invalid parameters: \na.b: Invalid jinja",
        ),
        (
            with(
                "actions",
                json!([{"type": "run-deployment", "deployment_id": id, "job_variables": {"a": 1}}]),
            ),
            "Deployment not found.",
        ),
    ];
    for (body, expected) in cases {
        let (status, answer) = server.post("/automations/", body).await;
        let expected_status = if expected == "Deployment not found." { 404 } else { 422 };
        let text = answer.to_string().replace("\\n", "\n");
        assert!(status == expected_status && text.contains(expected), "{status} {text}: {expected}");
    }
}

#[tokio::test]
async fn an_automation_that_starts_itself_is_not_enabled() {
    let server = TestServer::start().await;
    let mut body = automation("loop");
    body["enabled"] = false.into();
    body["trigger"] = json!({"type": "event", "posture": "Reactive", "expect": ["prefect.flow-run.*"]});
    body["actions"] = json!([{"type": "run-deployment", "source": "inferred"}]);
    let (status, created) = server.post("/automations/", body).await;
    assert_eq!(status, 201);
    let path = format!("/automations/{}", created["id"].as_str().expect("an id"));
    let (status, answer) = server.patch(&path, json!({"enabled": true})).await;
    assert_eq!((status, &answer["exception_detail"][0]["loc"]), (422, &json!([])));
    assert!(
        answer["exception_detail"][0]["msg"]
            .as_str()
            .expect("text")
            .contains("Running an inferred deployment")
    );
}

#[tokio::test]
async fn templates_are_checked() {
    let server = TestServer::start().await;
    let bad = "1 - {{ hello }} world!\n2 - oops, this {{ ain't } gonna work\n3 - this is fine";
    for path in ["/templates/validate", "/automations/templates/validate"] {
        assert_eq!(server.post(path, json!("{{ hello }} world!")).await, (204, Value::Null));
        let error = json!({"line": 2, "message": "unexpected char \"'\" at 44", "source": bad});
        assert_eq!(server.post(path, json!(bad)).await, (422, json!({ "error": error })));
        let response = reqwest::Client::new()
            .post(server.url(path))
            .header("content-type", "text/plain")
            .body("{{ hello")
            .send()
            .await
            .expect("an answer");
        assert_eq!(response.status(), 422);
        assert_eq!(server.post(path, json!({"a": 1})).await.0, 422);
    }
}
