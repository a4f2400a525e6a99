//! Transactions that are open while the builder works. On SQLite there are none.

use std::sync::Arc;
use std::time::Duration;

use sluice_store::run_tallies::{self, Period};
use sluice_store::{Store, StoreError, params};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::WORKSPACE;
use super::{at, build, count, insert_flow, insert_flow_run, naive, number, take};

/// A transaction that has inserted a run and is not committed.
struct Open {
    may_end: Arc<Notify>,
    task: JoinHandle<Result<u64, StoreError>>,
}

impl Open {
    async fn begin(store: &Store, flow: Uuid) -> Self {
        let (has_written, may_end) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (store, arguments) = (store.clone(), (flow, Arc::clone(&has_written), Arc::clone(&may_end)));
        let task = tokio::spawn(async move {
            store
                .write(arguments, |tx, (flow, has_written, may_end)| {
                    Box::pin(async move {
                        let inserted = tx
                            .execute(
                                "INSERT INTO flow_run (id, workspace_id, created, updated, name, flow_id, parameters,
                                     context, empirical_policy, tags, labels, run_count, expected_start_time,
                                     total_run_time, auto_scheduled, state_type, state_name, state_timestamp)
                                 VALUES (?1, ?2, ?3, ?3, 'run', ?4, ?5, ?5, ?5, ?6, ?5, 0, ?3, 0, ?7, 'RUNNING',
                                     'Running', ?3)",
                                params![
                                    Uuid::now_v7(), WORKSPACE, at(1), *flow, naive::object(), naive::list(), false
                                ],
                            )
                            .await?;
                        has_written.notify_one();
                        may_end.notified().await;
                        Ok(inserted)
                    })
                })
                .await
        });
        tokio::time::timeout(Duration::from_secs(30), has_written.notified())
            .await
            .expect("the run is inserted");
        Self { may_end, task }
    }

    async fn commit(self) {
        self.may_end.notify_one();
        let inserted = self.task.await.expect("the transaction ends");
        assert_eq!(inserted.expect("the transaction is committed"), 1);
    }
}

async fn horizon(store: &Store) -> i64 {
    store.read((), |tx, ()| Box::pin(run_tallies::horizon(tx))).await.expect("the horizon")
}

async fn has_passed(store: &Store, horizon: i64) -> bool {
    store
        .read(horizon, |tx, horizon| Box::pin(run_tallies::has_passed(tx, *horizon)))
        .await
        .expect("the oldest transaction")
}

async fn measure_and_keep(store: &Store) {
    let periods: Vec<Period> =
        store.read((), |tx, ()| Box::pin(run_tallies::uncounted(tx, 100))).await.expect("the periods");
    for period in periods {
        let measured = store
            .read(period, |tx, period| Box::pin(run_tallies::measure(tx, period)))
            .await
            .expect("measured");
        store
            .write((period, measured), |tx, (period, measured)| {
                Box::pin(run_tallies::keep(tx, period, measured))
            })
            .await
            .expect("the counts are stored");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_trusts_in_a_note_is_waited_for() {
    let Some(database) = sluice_test_support::postgres().await else { return };
    let store = database.open().await;
    let flow = insert_flow(&store).await;
    insert_flow_run(&store, flow, 0, "RUNNING").await;
    // It sees the note of the first run and makes none.
    let early = Open::begin(&store, flow).await;
    take(&store).await;
    let early_ends = horizon(&store).await;
    assert!(!has_passed(&store, early_ends).await);
    early.commit().await;
    // Another comes when the note is gone: it makes one, and need not be waited for.
    let late = Open::begin(&store, flow).await;
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    while !has_passed(&store, early_ends).await {
        assert!(tokio::time::Instant::now() < deadline, "the early transaction has ended");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    measure_and_keep(&store).await;
    assert_eq!((count(&store).await, number(&store, "SELECT count(*) FROM run_tally_change").await), (2, 0));
    late.commit().await;
    assert_eq!((count(&store).await, number(&store, "SELECT count(*) FROM run_tally_change").await), (3, 1));
    build(&store).await;
    assert_eq!((count(&store).await, number(&store, "SELECT count(*) FROM run_tally_change").await), (3, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_of_the_same_hour_do_not_wait_for_each_other() {
    let Some(database) = sluice_test_support::postgres().await else { return };
    let store = database.open().await;
    let flow = insert_flow(&store).await;
    insert_flow_run(&store, flow, 0, "RUNNING").await;
    build(&store).await;
    let one = Open::begin(&store, flow).await;
    let two = Open::begin(&store, flow).await;
    two.commit().await;
    one.commit().await;
    assert_eq!(count(&store).await, 3);
    build(&store).await;
    assert_eq!((count(&store).await, number(&store, "SELECT count(*) FROM run_tally_change").await), (3, 0));
}
