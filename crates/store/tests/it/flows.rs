use serde_json::json;
use sluice_store::{Store, flows};
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
}
