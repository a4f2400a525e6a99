use serde_json::json;
use sluice_store::{StoreError, saved_searches};
use sluice_test_support::on_both_databases;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::Timestamp;

const HERE: WorkspaceId = WorkspaceId::DEFAULT;

on_both_databases! {
    async fn a_search_is_saved_once_by_its_name(store: Store) {
        let outcome: Result<(), StoreError> = store
            .write((), |tx, ()| {
                Box::pin(async move {
                    let search = serde_json::from_value(json!({"name": "mine"})).expect("a search");
                    let (first, is_new) = saved_searches::save(tx, HERE, &search, Timestamp::from_micros(1)).await?;
                    assert!(is_new);
                    let (second, is_new) = saved_searches::save(tx, HERE, &search, Timestamp::from_micros(2)).await?;
                    assert!(!is_new);
                    assert_eq!((first.id, second.updated), (second.id, Timestamp::from_micros(2)));
                    assert_eq!(saved_searches::list(tx, HERE, 10, 0).await?, [second]);
                    assert!(saved_searches::delete(tx, HERE, first.id).await?);
                    assert_eq!(saved_searches::read(tx, HERE, first.id).await?, None);
                    Ok(())
                })
            })
            .await;
        outcome.expect("the job runs");
    }
}
