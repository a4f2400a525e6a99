//! `/block_documents`, and those of a type

use serde_json::{Value, json};
use sluice_test_support::TestServer;

use super::blocks::{document, id, kind, schema, servers};

const HIDDEN: &str = "********";

fn path(document: &Value) -> String {
    format!("/block_documents/{}", id(document))
}

async fn data(server: &TestServer, document: &Value) -> Value {
    let (status, read) = server.get(&format!("{}?include_secrets=true", path(document))).await;
    assert_eq!(status, 200, "{read}");
    read["data"].clone()
}

#[tokio::test]
async fn secrets_are_hidden_unless_asked_for_on_both_databases() {
    for server in servers().await {
        let fields = json!({"title": "x", "secret_fields": ["password", "auth.token", "headers.*"]});
        let kind = kind(&server, "x", fields, json!(["c"])).await;
        let secrets = json!({
            "user": "marvin", "password": "paranoid", "auth": {"token": 42, "url": "u"},
            "headers": {"a": {"b": "c"}, "d": null},
        });
        let created = document(&server, &kind, "mine", secrets.clone()).await;
        let hidden = json!({
            "user": "marvin", "password": HIDDEN, "auth": {"token": HIDDEN, "url": "u"},
            "headers": {"a": {"b": HIDDEN}, "d": HIDDEN},
        });
        assert_eq!(created["data"], hidden);
        assert_eq!((&created["block_type_name"], &created["is_anonymous"]), (&json!("x"), &json!(false)));
        assert_eq!(created["block_schema"]["capabilities"], json!(["c"]));
        assert_eq!(created["block_schema"]["block_type"]["slug"], "x");
        assert_eq!(created["block_type"]["slug"], "x");
        let by_name = "/block_types/slug/x/block_documents/name/mine";
        for place in [&path(&created), by_name] {
            assert_eq!(server.get(place).await, (200, created.clone()));
            assert_eq!(server.get(&format!("{place}?include_secrets=1")).await.1["data"], secrets);
            assert_eq!(server.get(&format!("{place}?include_secrets=maybe")).await.0, 422);
        }
        let all = "/block_types/slug/x/block_documents";
        assert_eq!(server.get(all).await, (200, json!([created])));
        assert_eq!(server.get(&format!("{all}?include_secrets=true")).await.1[0]["data"], secrets);
        let (_, found) = server.post("/block_documents/filter", json!({"include_secrets": true})).await;
        assert_eq!(found[0]["data"], secrets);
        let gone = (404, json!({"detail": "Block document not found"}));
        assert_eq!(server.get("/block_types/slug/x/block_documents/name/other").await, gone);
        assert_eq!(server.get("/block_types/slug/y/block_documents/name/mine").await, gone);
    }
}

#[tokio::test]
async fn an_update_merges_and_does_not_lose_secrets() {
    let server = TestServer::start().await;
    let fields = json!({"title": "x", "secret_fields": ["password", "headers.*"]});
    let kind = kind(&server, "x", fields, json!([])).await;
    let start = json!({"user": "marvin", "password": "paranoid", "headers": {"a": "b"}});
    let cases = [
        (
            json!({"data": {"user": "trillian"}}),
            json!({"user": "trillian", "password": "paranoid", "headers": {"a": "b"}}),
        ),
        (
            json!({"data": {"password": HIDDEN, "headers": {"a": HIDDEN}, "new": 1}}),
            json!({"user": "marvin", "password": "paranoid", "headers": {"a": "b"}, "new": 1}),
        ),
        (
            json!({"data": {"password": HIDDEN}, "merge_existing_data": false}),
            json!({"password": "paranoid"}),
        ),
        (
            json!({"data": {"password": "other"}}),
            json!({"user": "marvin", "password": "other", "headers": {"a": "b"}}),
        ),
        (json!({"data": {}}), start.clone()),
        (json!({}), start.clone()),
        (json!({"merge_existing_data": false}), json!({})),
    ];
    for (number, (update, expected)) in cases.into_iter().enumerate() {
        let created = document(&server, &kind, &format!("case-{number}"), start.clone()).await;
        assert_eq!(server.patch(&path(&created), update.clone()).await, (204, Value::Null));
        assert_eq!(data(&server, &created).await, expected, "{update}");
    }
    let nowhere = "/block_documents/0199cd08-0000-7000-8000-000000000001";
    let gone = (404, json!({"detail": "Block document not found"}));
    assert_eq!(server.patch(nowhere, json!({"data": {}})).await, gone);
    assert_eq!(server.get(nowhere).await, gone);
    assert_eq!(server.delete(nowhere).await, gone);
}

#[tokio::test]
async fn a_document_moves_to_another_schema_of_its_type() {
    let server = TestServer::start().await;
    let own = kind(&server, "x", json!({"title": "1"}), json!([])).await;
    let newer = schema(&server, &own.0, json!({"title": "2"}), json!([])).await;
    let other = kind(&server, "y", json!({"title": "3"}), json!([])).await;
    let created = document(&server, &own, "mine", json!({"a": 1})).await;
    let to = |schema: &str| json!({"block_schema_id": schema, "data": {"b": 2}});
    assert_eq!(server.patch(&path(&created), to(&newer)).await.0, 204);
    let (_, read) = server.get(&path(&created)).await;
    assert_eq!((&read["block_schema_id"], &read["data"]), (&json!(newer), &json!({"a": 1, "b": 2})));
    let (status, answer) = server.patch(&path(&created), to(&other.1)).await;
    let message = "Must migrate block document to a block schema of the same block type.";
    assert_eq!((status, answer), (400, json!({"detail": message})));
}

#[tokio::test]
async fn names_are_taken_once_and_anonymous_documents_get_one() {
    let server = TestServer::start().await;
    let kind = kind(&server, "x", json!({}), json!([])).await;
    document(&server, &kind, "mine", json!({})).await;
    let body = |extra: Value| {
        let mut body = json!({"block_type_id": kind.0, "block_schema_id": kind.1});
        body.as_object_mut().expect("an object").extend(extra.as_object().expect("an object").clone());
        body
    };
    let taken = server.post("/block_documents/", body(json!({"name": "mine"}))).await;
    assert_eq!(taken, (409, json!({"detail": "Block already exists"})));
    let (status, answer) = server.post("/block_documents/", body(json!({}))).await;
    let problem = &answer["exception_detail"][0];
    let message = "Value error, Names must be provided for block documents.";
    assert_eq!((status, &problem["msg"], &problem["loc"]), (422, &json!(message), &json!(["body"])));
    let (status, answer) = server.post("/block_documents/", body(json!({"name": "No"}))).await;
    let message =
        "Value error, Block document name must only contain lowercase letters, numbers, and dashes.";
    assert_eq!((status, &answer["exception_detail"][0]["msg"]), (422, &json!(message)));
    let (status, anonymous) = server.post("/block_documents/", body(json!({"is_anonymous": true}))).await;
    assert_eq!(status, 201);
    assert!(anonymous["name"].as_str().expect("a name").starts_with("anonymous-"));
    let nowhere = "0199cd08-0000-7000-8000-000000000001";
    assert_eq!(
        server.post("/block_documents/", body(json!({"name": "a", "block_schema_id": nowhere}))).await.0,
        409
    );
    assert_eq!(
        server.post("/block_documents/", body(json!({"name": "a", "block_type_id": nowhere}))).await.0,
        404
    );
}

#[tokio::test]
async fn documents_hold_others_on_both_databases() {
    for server in servers().await {
        let inner = kind(&server, "inner", json!({"title": "i", "secret_fields": ["p"]}), json!([])).await;
        let outer = kind(&server, "outer", json!({"title": "o"}), json!([])).await;
        let reference = |document: &Value| json!({"$ref": {"block_document_id": id(document)}});
        let leaf = document(&server, &inner, "leaf", json!({"p": "secret", "q": 1})).await;
        let middle = document(&server, &outer, "middle", json!({"leaf": reference(&leaf), "a": 1})).await;
        let top = document(&server, &outer, "top", json!({"middle": reference(&middle), "b": 2})).await;
        assert_eq!(top["data"], json!({"b": 2, "middle": {"a": 1, "leaf": {"p": HIDDEN, "q": 1}}}));
        let of_middle = &top["block_document_references"]["middle"]["block_document"];
        assert_eq!((&of_middle["name"], &of_middle["id"]), (&json!("middle"), &middle["id"]));
        let of_leaf = &of_middle["block_document_references"]["leaf"]["block_document"];
        assert_eq!(
            (&of_leaf["block_type"]["slug"], &of_leaf["is_anonymous"]),
            (&json!("inner"), &json!(false))
        );
        assert_eq!(data(&server, &top).await["middle"]["leaf"]["p"], "secret");

        // A change of what is held shows wherever it is held.
        assert_eq!(server.patch(&path(&leaf), json!({"data": {"q": 7}})).await.0, 204);
        assert_eq!(data(&server, &top).await["middle"]["leaf"], json!({"p": "secret", "q": 7}));

        // Round in circles: no.
        let (status, answer) = server.patch(&path(&middle), json!({"data": {"x": reference(&top)}})).await;
        assert_eq!(status, 400, "{answer}");
        let itself = server.patch(&path(&top), json!({"data": {"x": reference(&top)}})).await;
        assert_eq!(itself.0, 400);
        let unnamed = server.patch(&path(&top), json!({"data": {"x": {"$ref": {}}}})).await;
        let message = "Received block reference without a block_document_id in key x";
        assert_eq!(unnamed, (400, json!({"detail": message})));
        let nowhere = json!({"$ref": {"block_document_id": "0199cd08-0000-7000-8000-000000000001"}});
        assert_eq!(server.patch(&path(&top), json!({"data": {"x": nowhere}})).await.0, 409);
        assert_eq!(server.get(&path(&top)).await.1["data"]["b"], 2);

        // A reference that is not sent again is gone, as is one that is replaced.
        let other = document(&server, &inner, "other", json!({"q": "o"})).await;
        assert_eq!(server.patch(&path(&top), json!({"data": {"other": reference(&other)}})).await.0, 204);
        assert_eq!(data(&server, &top).await, json!({"b": 2, "other": {"q": "o"}}));
        assert_eq!(server.delete(&path(&other)).await.0, 204);
        assert_eq!(data(&server, &top).await, json!({"b": 2}));
    }
}

#[tokio::test]
async fn documents_are_found_and_counted_on_both_databases() {
    for server in servers().await {
        let x = kind(&server, "x", json!({"title": "x"}), json!(["one", "two"])).await;
        let a = kind(&server, "a", json!({"title": "a"}), json!(["one"])).await;
        for (kind, name) in [(&x, "alpha"), (&x, "beta"), (&a, "gamma")] {
            document(&server, kind, name, json!({})).await;
        }
        let anonymous =
            json!({"block_type_id": a.0, "block_schema_id": a.1, "is_anonymous": true, "name": "hidden"});
        assert_eq!(server.post("/block_documents/", anonymous).await.0, 201);
        let cases = [
            (json!({}), vec!["alpha", "beta", "gamma"]),
            (json!({"sort": "NAME_DESC"}), vec!["gamma", "beta", "alpha"]),
            (json!({"sort": "BLOCK_TYPE_AND_NAME_ASC"}), vec!["gamma", "alpha", "beta"]),
            (json!({"block_documents": {"is_anonymous": null}}), vec!["alpha", "beta", "gamma", "hidden"]),
            (json!({"block_documents": {"is_anonymous": {"eq_": true}}}), vec!["hidden"]),
            (json!({"block_documents": {"name": {"any_": ["beta"]}}}), vec!["beta"]),
            (json!({"block_documents": {"name": {"like_": "ET"}}}), vec!["beta"]),
            (json!({"block_documents": {"block_type_id": {"any_": [x.0]}}}), vec!["alpha", "beta"]),
            (
                json!({"block_documents": {"operator": "or_", "is_anonymous": {"eq_": true}, "name": {"like_": "al"}}}),
                vec!["alpha", "hidden"],
            ),
            (json!({"block_types": {"slug": {"any_": ["a"]}}}), vec!["gamma"]),
            (json!({"block_schemas": {"block_capabilities": {"all_": ["two"]}}}), vec!["alpha", "beta"]),
        ];
        for (body, expected) in cases {
            let (status, found) = server.post("/block_documents/filter", body.clone()).await;
            let names: Vec<_> =
                found.as_array().expect("a list").iter().map(|one| one["name"].clone()).collect();
            assert_eq!((status, json!(names)), (200, json!(expected)), "{body}");
            let count = server.post("/block_documents/count", body.clone()).await;
            assert_eq!(count, (200, json!(expected.len())), "{body}");
        }
        let (_, found) = server.post("/block_documents/filter", json!({"limit": 1, "offset": 1})).await;
        assert_eq!((found[0]["name"].as_str(), found.as_array().map(Vec::len)), (Some("beta"), Some(1)));
        assert_eq!(server.post("/block_documents/filter", json!({"limit": 201})).await.0, 422);
        assert_eq!(server.post("/block_documents/filter", json!({"sort": "ID"})).await.0, 422);
    }
}

#[tokio::test]
async fn what_belongs_to_a_document_goes_with_it() {
    for server in servers().await {
        let kind = kind(&server, "x", json!({"title": "x"}), json!(["write-path"])).await;
        let storage = document(&server, &kind, "storage", json!({})).await;
        let chosen = json!({"default_result_storage_block_id": storage["id"]});
        assert_eq!(server.send("PUT", "/admin/storage", Some(&chosen)).await, (200, chosen));
        let (_, flow) = server.post("/flows/", json!({"name": "f"})).await;
        let body = json!({"name": "d", "flow_id": flow["id"], "storage_document_id": storage["id"]});
        let (status, deployment) = server.post("/deployments/", body).await;
        assert_eq!((status, &deployment["storage_document_id"]), (201, &storage["id"]));
        // The type goes, with its schemas and documents.
        assert_eq!(server.delete(&format!("/block_types/{}", kind.0)).await.0, 204);
        assert_eq!(server.get(&path(&storage)).await.0, 404);
        assert_eq!(server.get(&format!("/block_schemas/{}", kind.1)).await.0, 404);
        let unset = json!({"default_result_storage_block_id": null});
        assert_eq!(server.get("/admin/storage").await, (200, unset));
        assert_eq!(server.get(&format!("/deployments/{}", id(&deployment))).await.0, 404);
    }
}

#[tokio::test]
async fn a_job_template_refers_to_a_block() {
    let server = TestServer::start().await;
    let kind = kind(&server, "x", json!({"title": "x"}), json!([])).await;
    let block = document(&server, &kind, "defaults", json!({"size": 3})).await;
    let pool = |name: &str, id: &Value| {
        json!({"name": name, "type": "process", "base_job_template": {
            "job_configuration": {"a": "{{ a }}"},
            "variables": {"type": "object", "properties": {"a": {
                "type": "object", "properties": {"size": {"type": "integer"}},
                "default": {"$ref": {"block_document_id": id}}}}}}})
    };
    assert_eq!(server.post("/work_pools/", pool("good", &block["id"])).await.0, 201);
    let nowhere = json!("0199cd08-0000-7000-8000-000000000001");
    let (status, answer) = server.post("/work_pools/", pool("bad", &nowhere)).await;
    assert_eq!((status, answer), (404, json!({"detail": "Block not found."})));
}

#[tokio::test]
async fn a_missing_key_is_named_and_the_rest_goes_on() {
    let server = TestServer::start().await;
    let kind = kind(&server, "x", json!({"title": "x"}), json!([])).await;
    let good = document(&server, &kind, "good", json!({"a": 1})).await;
    let lost = document(&server, &kind, "lost", json!({"a": 2})).await;
    let other = sluice_secrets::KeyRing::new([sluice_secrets::SecretKey::from_bytes([9; 32])]);
    let key = other.current().expect("a key").to_string();
    let update =
        serde_json::from_value(json!({"data": {}, "merge_existing_data": false})).expect("an update");
    let lost_id = id(&lost).parse().expect("an id");
    let workspace = sluice_wire::ids::WorkspaceId::DEFAULT;
    let both = sluice_secrets::KeyRing::new(
        other.keys().cloned().chain(sluice_test_support::secret_keys().keys().cloned()),
    );
    server
        .server
        .store
        .write((both, update), move |tx, (keys, update)| {
            Box::pin(async move {
                let now = sluice_wire::time::Timestamp::from_micros(1);
                let updated =
                    sluice_store::block_documents::update(tx, workspace, keys, lost_id, update, now).await;
                assert!(updated.expect("it is stored"));
                Ok::<_, sluice_store::StoreError>(())
            })
        })
        .await
        .expect("the job runs");
    for (status, answer) in [
        server.get(&path(&lost)).await,
        server.patch(&path(&lost), json!({"data": {"b": 1}})).await,
        server.post("/block_documents/filter", json!({})).await,
    ] {
        let detail = answer["detail"].as_str().expect("a reason");
        assert!(status == 500 && detail.contains(&key), "{status} {answer}");
    }
    assert_eq!(server.get(&path(&good)).await.0, 200);
    assert_eq!(server.delete(&path(&lost)).await.0, 204);
    assert_eq!(server.post("/block_documents/filter", json!({})).await.0, 200);
}

#[tokio::test]
async fn each_change_is_told_without_secrets() {
    let server = TestServer::start().await;
    let kind = kind(&server, "x", json!({"title": "x", "secret_fields": ["p"]}), json!(["c"])).await;
    let created = document(&server, &kind, "mine", json!({"p": "paranoid", "q": "text", "n": 1})).await;
    assert_eq!(server.patch(&path(&created), json!({"data": {"q": "other"}})).await.0, 204);
    assert_eq!(server.delete(&path(&created)).await.0, 204);
    let resource = format!("prefect.block-document.{}", id(&created));
    let filter = json!({"filter": {"resource": {"id": [resource]}, "order": "ASC"}});
    let mut events = Value::Null;
    for _ in 0..200 {
        events = server.post("/events/filter", filter.clone()).await.1["events"].clone();
        if events.as_array().is_some_and(|events| events.len() >= 3) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    let told: Vec<_> = events.as_array().expect("a list").iter().map(|event| &event["event"]).collect();
    let changes = ["created", "updated", "deleted"].map(|change| format!("prefect.block-document.{change}"));
    assert_eq!(json!(told), json!(changes));
    assert!(!events.to_string().contains("paranoid"));
    assert_eq!(events[0]["payload"]["data"], json!({"q": "text"}));
    assert_eq!(events[0]["payload"]["block_schema"]["capabilities"], json!(["c"]));
    assert_eq!(events[0]["related"][0]["prefect.resource.id"], format!("prefect.block-type.{}", kind.0));
}
