use serde_json::json;
use sluice_store::{Store, StoreError, flows, outbox};
use sluice_test_support::on_both_databases;
use sluice_wire::flows::Flow;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::Timestamp;

async fn create(store: &Store, body: serde_json::Value) -> (Flow, bool) {
    let flow = serde_json::from_value(body).expect("a valid body");
    store
        .write(flow, |tx, flow| {
            Box::pin(
                async move { flows::create(tx, WorkspaceId::DEFAULT, flow, Timestamp::from_micros(1)).await },
            )
        })
        .await
        .expect("the flow is created")
}

on_both_databases! {
    async fn a_second_flow_of_the_same_name_is_the_first(store: Store) {
        let (first, first_is_new) = create(&store, json!({"name": "etl", "tags": ["a", "b"], "labels": {"x": 1}})).await;
        let (second, second_is_new) = create(&store, json!({"name": "etl"})).await;
        assert!(first_is_new && !second_is_new);
        assert_eq!(first, second);
        assert_eq!(first.tags, ["a", "b"]);
        assert_eq!(first.created, Timestamp::from_micros(1));
    }

    async fn each_change_of_a_flow_is_told(store: Store) {
        let (flow, _) = create(&store, json!({"name": "etl", "tags": ["a"], "labels": {"x": 1}})).await;
        create(&store, json!({"name": "etl"})).await;
        let events = store
            .write(flow.id, |tx, id| {
                Box::pin(async move {
                    let update = serde_json::from_value(json!({"tags": ["b"]})).expect("an update");
                    assert!(flows::update(tx, WorkspaceId::DEFAULT, *id, &update, Timestamp::from_micros(2)).await?);
                    assert!(flows::delete(tx, WorkspaceId::DEFAULT, *id, Timestamp::from_micros(3)).await?);
                    assert!(!flows::delete(tx, WorkspaceId::DEFAULT, *id, Timestamp::from_micros(3)).await?);
                    let events = outbox::take(tx, 10).await?.into_iter();
                    Ok::<_, StoreError>(events.map(|(_, _, event)| (event.event, event.payload.into_text())).collect::<Vec<_>>())
                })
            })
            .await
            .expect("the job runs");
        let found: Vec<_> = events
            .iter()
            .map(|(event, payload)| (event.as_str(), serde_json::from_str::<serde_json::Value>(payload).expect("JSON")))
            .collect();
        let payload = |tag: &str| json!({"name": "etl", "tags": [tag], "labels": {"x": 1}});
        assert_eq!(found, [
            ("prefect.flow.created", payload("a")),
            ("prefect.flow.updated", payload("b")),
            ("prefect.flow.deleted", payload("b")),
        ]);
    }
}
