//! What every job relies on.

use sluice_store::{DatabaseUrl, Store, StoreError, Topic, flows, params};
use sluice_test_support::on_both_databases;
use sluice_wire::flows::{Flow, FlowCreate};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::Timestamp;

async fn count_flows(store: &Store) -> i64 {
    store
        .read((), |tx, ()| Box::pin(async move { tx.scalar("SELECT count(*) FROM flow", Vec::new()).await }))
        .await
        .expect("the count is read")
        .unwrap_or(0)
}

on_both_databases! {
    async fn a_job_that_fails_leaves_nothing(store: Store) {
        let outcome: Result<(), StoreError> = store
            .write((), |tx, ()| {
                Box::pin(async move {
                    let flow = serde_json::from_str(r#"{"name":"a"}"#).expect("a flow");
                    flows::create(tx, WorkspaceId::DEFAULT, &flow, Timestamp::EPOCH).await?;
                    Err(StoreError::Internal("on purpose".to_owned()))
                })
            })
            .await;
        assert!(outcome.is_err());
        assert_eq!(count_flows(&store).await, 0);
    }

    async fn a_job_that_panics_leaves_nothing_and_the_store_works_on(store: Store) {
        let outcome: Result<(), StoreError> = store
            .write((), |tx, ()| {
                Box::pin(async move {
                    let flow = serde_json::from_str(r#"{"name":"a"}"#).expect("a flow");
                    flows::create(tx, WorkspaceId::DEFAULT, &flow, Timestamp::EPOCH).await?;
                    panic!("on purpose")
                })
            })
            .await;
        assert!(outcome.is_err());
        assert_eq!(count_flows(&store).await, 0);
        assert_eq!(count_flows(&store).await, 0);
    }

    async fn many_writers_at_once_all_succeed(store: Store) {
        let writers: Vec<_> = (0..64)
            .map(|number| {
                let store = store.clone();
                tokio::spawn(async move {
                    store
                        .write(number, |tx, number| {
                            Box::pin(async move {
                                let flow = serde_json::from_value(serde_json::json!({"name": format!("flow-{}", number % 16)}));
                                flows::create(tx, WorkspaceId::DEFAULT, &flow.expect("a flow"), Timestamp::EPOCH).await
                            })
                        })
                        .await
                })
            })
            .collect();
        let mut new = 0;
        for writer in writers {
            let (_, is_new) = writer.await.expect("no panic").expect("no error");
            new += usize::from(is_new);
        }
        assert_eq!((new, count_flows(&store).await), (16, 16));
    }

    async fn who_waits_for_a_topic_is_woken_by_the_commit(store: Store) {
        let mut commits = store.subscribe(Topic::Schedules);
        commits.mark_unchanged();
        let written: Result<(), StoreError> = store
            .write((), |tx, ()| {
                Box::pin(async move {
                    tx.execute("DELETE FROM flow WHERE name = ?1", params!["nothing"]).await?;
                    tx.notify(Topic::Schedules);
                    Ok(())
                })
            })
            .await;
        written.expect("the job runs");
        commits.changed().await.expect("the store lives");
    }

    async fn small_jobs_succeed_alone_and_many_at_once(store: Store) {
        for number in 0..8 {
            create_small(&store, number, "").await.expect("a flow");
        }
        let writers: Vec<_> = (0..64)
            .map(|number| {
                let store = store.clone();
                tokio::spawn(async move { create_small(&store, number, "").await })
            })
            .collect();
        let mut new = 0;
        for writer in writers {
            let (_, is_new) = writer.await.expect("no panic").expect("no error");
            new += usize::from(is_new);
        }
        assert_eq!((new, count_flows(&store).await), (56, 64));
    }

    async fn a_small_job_that_fails_leaves_nothing(store: Store) {
        let outcome: Result<(), StoreError> = store
            .write_small((), |tx, ()| {
                Box::pin(async move {
                    let flow = serde_json::from_str(r#"{"name":"a"}"#).expect("a flow");
                    flows::create(tx, WorkspaceId::DEFAULT, &flow, Timestamp::EPOCH).await?;
                    panic!("on purpose")
                })
            })
            .await;
        assert!(outcome.is_err());
        create_small(&store, 1, "").await.expect("the store works on");
        assert_eq!(count_flows(&store).await, 1);
    }
}

async fn create_small(store: &Store, number: usize, label: &str) -> Result<(Flow, bool), StoreError> {
    let body = serde_json::json!({ "name": format!("flow-{number}"), "labels": { "text": label } });
    let flow: FlowCreate = serde_json::from_value(body).expect("a flow");
    store
        .write_small(flow, |tx, flow| {
            Box::pin(flows::create(tx, WorkspaceId::DEFAULT, flow, Timestamp::EPOCH))
        })
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_does_not_grow_for_ever_when_every_job_is_alone() {
    let database = sluice_test_support::sqlite().await;
    let store = database.open().await;
    let DatabaseUrl::Sqlite(path) = &database.url else { panic!("it is SQLite") };
    let log = path.with_file_name("sluice.db-wal");
    let label = "x".repeat(256 * 1024);
    let mut largest = 0;
    for number in 0..256 {
        create_small(&store, number, &label).await.expect("a flow");
        largest = largest.max(std::fs::metadata(&log).expect("the log is there").len());
    }
    assert!(largest > 8 << 20, "the log was in use: {largest}");
    assert!(largest < 40 << 20, "64 MiB and more were written, the log has {largest} bytes");
}
