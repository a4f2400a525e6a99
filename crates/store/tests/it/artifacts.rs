use serde_json::{Value, json};
use sluice_store::{StoreError, Tx, artifacts, outbox};
use sluice_test_support::on_both_databases;
use sluice_wire::artifacts::{Artifact, ArtifactUpdate};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::Timestamp;

const HERE: WorkspaceId = WorkspaceId::DEFAULT;

async fn create(tx: &mut Tx, body: Value, second: i64) -> Result<Artifact, StoreError> {
    let artifact = serde_json::from_value(body).expect("an artifact");
    artifacts::create(tx, HERE, &artifact, Timestamp::from_micros(second)).await
}

on_both_databases! {
    async fn the_collection_of_a_key_follows_its_newest_artifact(store: Store) {
        let events = store
            .write((), |tx, ()| {
                Box::pin(async move {
                    let first = create(tx, json!({"key": "k", "data": {"n": 1}, "metadata_": {"a": "b"}}), 1).await?;
                    let second = create(tx, json!({"key": "k", "data": null, "flow_run_id": first.id}), 2).await?;
                    create(tx, json!({"data": 1}), 3).await?;
                    let update: ArtifactUpdate = serde_json::from_value(json!({"description": "d", "metadata_": null})).expect("an update");
                    assert!(artifacts::update(tx, HERE, second.id, &update, Timestamp::from_micros(4)).await?);
                    let newest = artifacts::read_latest(tx, HERE, "k").await?.expect("there is one");
                    assert_eq!((newest.latest_id, newest.description.as_deref(), newest.data), (second.id, Some("d"), None));
                    assert!(artifacts::delete(tx, HERE, second.id, Timestamp::from_micros(5)).await?);
                    let newest = artifacts::read_latest(tx, HERE, "k").await?.expect("there is one");
                    assert_eq!((newest.latest_id, newest.created, &newest.metadata_), (first.id, first.created, &first.metadata_));
                    assert!(artifacts::delete(tx, HERE, first.id, Timestamp::from_micros(6)).await?);
                    assert_eq!(artifacts::read_latest(tx, HERE, "k").await?, None);
                    assert!(!artifacts::delete(tx, HERE, first.id, Timestamp::from_micros(7)).await?);
                    let events = outbox::take(tx, 10).await?.into_iter();
                    Ok::<_, StoreError>(events.map(|(_, _, event)| (event.event, event.related.len())).collect::<Vec<_>>())
                })
            })
            .await
            .expect("the job runs");
        let kind = |action: &str, related: usize| (format!("prefect.artifact-collection.{action}"), related);
        assert_eq!(events, [kind("created", 1), kind("updated", 2), kind("updated", 1), kind("deleted", 1)]);
    }
}
