use serde_json::{Value, json};
use sluice_store::{StoreError, outbox, variables};
use sluice_test_support::on_both_databases;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::Timestamp;

const HERE: WorkspaceId = WorkspaceId::DEFAULT;

on_both_databases! {
    async fn each_change_of_a_variable_is_told(store: Store) {
        let events = store
            .write((), |tx, ()| {
                Box::pin(async move {
                    let now = Timestamp::from_micros(1);
                    let create = serde_json::from_value(json!({"name": "host", "value": {"a": 1}})).expect("a variable");
                    let created = variables::create(tx, HERE, &create, now).await?.expect("the name is free");
                    assert_eq!(variables::create(tx, HERE, &create, now).await?, None);
                    let update = serde_json::from_value(json!({"value": null})).expect("an update");
                    variables::update(tx, HERE, created, &update, now).await?;
                    let updated = variables::read_by_name(tx, HERE, "host").await?.expect("it is there");
                    variables::delete(tx, HERE, &updated, now).await?;
                    assert_eq!(variables::read(tx, HERE, updated.id).await?, None);
                    let events = outbox::take(tx, 10).await?.into_iter();
                    Ok::<_, StoreError>(events.map(|(_, _, event)| (event.event, event.payload)).collect::<Vec<_>>())
                })
            })
            .await
            .expect("the job runs");
        let payload = |value: Value| json!({"name": "host", "value": value, "tags": []});
        let expected = [
            ("prefect.variable.created", payload(json!({"a": 1}))),
            ("prefect.variable.updated", payload(Value::Null)),
            ("prefect.variable.deleted", payload(Value::Null)),
        ];
        assert_eq!(events.len(), expected.len());
        for ((event, payload), (expected_event, expected_payload)) in events.iter().zip(expected) {
            assert_eq!((event.as_str(), payload.parse::<Value>().expect("JSON")), (expected_event, expected_payload));
        }
    }
}
