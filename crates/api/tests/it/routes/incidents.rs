//! `/incidents`

use serde_json::{Value, json};
use sluice_store::StoreError;
use sluice_store::incidents::{self, NewIncident};
use sluice_test_support::{TestServer, postgres, sqlite};
use sluice_wire::ids::{AutomationId, IncidentId, WorkspaceId};
use sluice_wire::incidents::Severity;
use sluice_wire::time::Timestamp;

/// Declares incidents one second after the other; returns their ids.
async fn declare(server: &TestServer, severities: &[Severity]) -> Vec<String> {
    let mut ids = Vec::new();
    for (severity, second) in severities.iter().zip(1..) {
        let incident = NewIncident {
            id: IncidentId::sequential(),
            name: format!("incident {second}"),
            summary: "it fell over".to_owned(),
            severity: *severity,
            automation_id: Some(AutomationId::random()),
            resources: Vec::new(),
            triggering_event_id: None,
        };
        ids.push(incident.id.to_string());
        let stored: Result<(), StoreError> = server
            .server
            .store
            .write((incident, Timestamp::from_micros(second * 1_000_000)), |tx, (incident, now)| {
                Box::pin(incidents::create(tx, WorkspaceId::DEFAULT, incident, *now))
            })
            .await;
        stored.expect("stored");
    }
    ids
}

async fn found(server: &TestServer, body: Value) -> Vec<String> {
    let (status, found) = server.post("/incidents/filter", body).await;
    assert_eq!(status, 200, "{found}");
    let found = found.as_array().expect("a list");
    found.iter().map(|incident| incident["name"].as_str().expect("a name").replace("incident ", "")).collect()
}

#[tokio::test]
async fn incidents_are_found_read_resolved_and_deleted() {
    for database in [Some(sqlite().await), postgres().await].into_iter().flatten() {
        let server = TestServer::start_with(database, Default::default()).await;
        let ids = declare(&server, &[Severity::Moderate, Severity::Critical, Severity::Moderate]).await;
        assert_eq!(found(&server, json!({})).await, ["3", "2", "1"]);
        assert_eq!(found(&server, json!({"limit": 1, "offset": 1})).await, ["2"]);
        let filtered = |filter: Value| found(&server, json!({"incidents": filter}));
        assert_eq!(filtered(json!({"severity": {"any_": ["critical", "major"]}})).await, ["2"]);
        assert_eq!(filtered(json!({"id": {"any_": [ids[0]]}})).await, ["1"]);
        assert_eq!(filtered(json!({"automation_id": {"any_": [ids[0]]}})).await, [""; 0]);

        let path = format!("/incidents/{}", ids[0]);
        let (status, read) = server.get(&path).await;
        assert_eq!((status, &read["status"], &read["severity"]), (200, &json!("open"), &json!("moderate")));
        assert_eq!(read["workspace_id"], json!(WorkspaceId::DEFAULT));

        let change = json!({"status": "resolved", "severity": "minor"});
        let (status, resolved) = server.send("PATCH", &path, Some(&change)).await;
        assert_eq!(
            (status, &resolved["status"], &resolved["severity"]),
            (200, &json!("resolved"), &json!("minor"))
        );
        assert_ne!(resolved["updated"], read["updated"]);
        assert_eq!(resolved["summary"], "it fell over");
        assert_eq!(server.get(&path).await, (200, resolved.clone()));
        assert_eq!(filtered(json!({"status": {"any_": ["open"]}})).await, ["3", "2"]);
        // What is so already is not told again.
        assert_eq!(server.send("PATCH", &path, Some(&change)).await, (200, resolved));
        server.send("PATCH", &path, Some(&json!({"summary": "a cable"}))).await;
        server.send("PATCH", &path, Some(&json!({"status": "open"}))).await;
        let counted = |filter: Value| server.post("/incidents/count", json!({"incidents": filter}));
        assert_eq!(counted(json!({"severity": {"any_": ["moderate"]}})).await, (200, json!(1)));
        assert_eq!(server.post("/incidents/count", json!({"limit": 1})).await, (200, json!(3)));
        assert_eq!(server.send("DELETE", &path, None).await.0, 204);
        assert_eq!(server.send("DELETE", &path, None).await.0, 404);
        assert_eq!(server.get(&path).await.0, 404);
        assert_eq!(found(&server, json!({})).await, ["3", "2"]);
        let names = told(&server, &ids[0]).await;
        assert_eq!(
            names,
            [
                "prefect.incident.resolved",
                "prefect.incident.updated",
                "prefect.incident.reopened",
                "prefect.incident.deleted",
            ]
        );
    }
}

/// The events of the incident, in their order, once there are four.
async fn told(server: &TestServer, id: &str) -> Vec<String> {
    let filter = json!({"filter": {"resource": {"id": [format!("prefect.incident.{id}")]}, "order": "ASC"}});
    for _ in 0..500 {
        let (_, page) = server.post("/events/filter", filter.clone()).await;
        let events = page["events"].as_array().expect("a list");
        if events.len() >= 4 {
            return events.iter().map(|event| event["event"].as_str().expect("a name").to_owned()).collect();
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the events did not come");
}

#[tokio::test]
async fn what_does_not_exist_or_is_no_change_is_refused() {
    let server = TestServer::start().await;
    let path = format!("/incidents/{}", IncidentId::sequential());
    assert_eq!(server.get(&path).await, (404, json!({"detail": "Incident not found."})));
    assert_eq!(server.send("PATCH", &path, Some(&json!({"status": "open"}))).await.0, 404);
    let [id] = &declare(&server, &[Severity::Major]).await[..] else { panic!("one incident") };
    let path = format!("/incidents/{id}");
    for body in [json!({"status": "closed"}), json!({"severity": "high"}), json!({"name": "another"})] {
        assert_eq!(server.send("PATCH", &path, Some(&body)).await.0, 422, "{body}");
    }
    assert_eq!(server.post("/incidents/filter", json!({"incidents": {"bogus": 1}})).await.0, 422);
}
