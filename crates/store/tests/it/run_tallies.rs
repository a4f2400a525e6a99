//! Whatever happens to runs, and whenever the tallies are brought up to date: the answers are those of a count over all
//! runs.

mod concurrent;
mod naive;
mod random;

use sluice_store::run_tallies::{self, Measured};
use sluice_store::{Dialect, Store, StoreError, flow_runs, params};
use sluice_test_support::on_both_databases;
use sluice_wire::filters::RelatedFilters;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::Timestamp;
use uuid::Uuid;

const WORKSPACE: WorkspaceId = WorkspaceId::DEFAULT;
/// The beginning of an hour.
const HOUR: i64 = 1_795_334_400;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros((HOUR + seconds) * 1_000_000)
}

/// What the builder does in a round, once nobody is in its way.
async fn build(store: &Store) {
    while build_round(store).await > 0 {}
}

async fn build_round(store: &Store) -> usize {
    take(store).await;
    let periods =
        store.read((), |tx, ()| Box::pin(run_tallies::uncounted(tx, 100))).await.expect("the periods");
    let count = periods.len();
    for period in periods {
        let measured = store
            .read(period, |tx, period| Box::pin(run_tallies::measure(tx, period)))
            .await
            .expect("the period is measured");
        store
            .write((period, measured), |tx, (period, measured)| {
                Box::pin(run_tallies::keep(tx, period, measured))
            })
            .await
            .expect("the counts are stored");
    }
    count
}

async fn take(store: &Store) -> usize {
    store.write((), |tx, ()| Box::pin(run_tallies::take_changed(tx, 100))).await.expect("the notes are taken")
}

async fn number(store: &Store, text: &'static str) -> i64 {
    let read: Result<Option<i64>, StoreError> =
        store.read(text, |tx, text| Box::pin(tx.scalar(text, Vec::new()))).await;
    read.expect("the number is read").unwrap_or(0)
}

/// A run that is expected to start so many seconds after the hour.
async fn insert_flow_run(store: &Store, flow: Uuid, expected: i64, state: &'static str) -> Uuid {
    let id = Uuid::now_v7();
    let inserted: Result<u64, StoreError> = store
        .write((id, flow, at(expected), state), |tx, (id, flow, expected, state)| {
            Box::pin(tx.execute(
                "INSERT INTO flow_run (id, workspace_id, created, updated, name, flow_id, parameters, context,
                     empirical_policy, tags, labels, run_count, expected_start_time, total_run_time, auto_scheduled,
                     state_type, state_name, state_timestamp)
                 VALUES (?1, ?2, ?3, ?3, 'run', ?4, ?5, ?5, ?5, ?6, ?5, 0, ?3, 0, ?7, ?8, ?8, ?3)",
                params![*id, WORKSPACE, *expected, *flow, naive::object(), naive::list(), false, *state],
            ))
        })
        .await;
    inserted.expect("the run is inserted");
    id
}

async fn insert_flow(store: &Store) -> Uuid {
    let id = Uuid::now_v7();
    let inserted: Result<u64, StoreError> = store
        .write(id, |tx, id| {
            Box::pin(tx.execute(
                "INSERT INTO flow (id, workspace_id, created, updated, name, tags, labels)
                 VALUES (?1, ?2, ?3, ?3, 'etl', ?4, ?5)",
                params![*id, WORKSPACE, at(0), naive::list(), naive::object()],
            ))
        })
        .await;
    inserted.expect("the flow is inserted");
    id
}

async fn count(store: &Store) -> i64 {
    store
        .read_snapshot((), |tx, ()| {
            Box::pin(async move { flow_runs::count(tx, WORKSPACE, &RelatedFilters::default()).await })
        })
        .await
        .expect("the runs are counted")
}

/// What brings a database of the version before to that with tallies, undone.
fn undo_migration(dialect: Dialect) -> Vec<&'static str> {
    let mut statements = match dialect {
        Dialect::Sqlite => vec![
            "DROP TRIGGER flow_run_tally_insert",
            "DROP TRIGGER flow_run_tally_update",
            "DROP TRIGGER flow_run_tally_delete",
            "DROP TRIGGER flow_run_family_insert",
            "DROP TRIGGER flow_run_family_update",
            "DROP TRIGGER flow_run_family_delete",
            "DROP TRIGGER task_run_tally_insert",
            "DROP TRIGGER task_run_tally_update",
            "DROP TRIGGER task_run_tally_delete",
        ],
        Dialect::Postgres => vec![
            "DROP FUNCTION run_tally_note CASCADE",
            "DROP FUNCTION run_tally_note_family CASCADE",
            "DROP FUNCTION run_tally_touch_task_runs",
            "DROP FUNCTION run_tally_touch",
        ],
    };
    statements.extend([
        "DROP TABLE run_tally",
        "DROP TABLE run_tally_part",
        "DROP TABLE run_tally_change",
        "DELETE FROM schema_version WHERE part = 'main' AND version >= 4",
    ]);
    statements
}

on_both_databases! {
    async fn runs_from_before_the_tallies_are_counted(store: Store) {
        let flow = insert_flow(&store).await;
        for (expected, state) in [(0, "COMPLETED"), (10, "RUNNING"), (9_000, "SCHEDULED"), (-7_200, "FAILED")] {
            insert_flow_run(&store, flow, expected, state).await;
        }
        let undone: Result<(), StoreError> = store
            .write((), |tx, ()| {
                Box::pin(async move {
                    for statement in undo_migration(tx.dialect()) {
                        tx.execute(statement, Vec::new()).await?;
                    }
                    Ok(())
                })
            })
            .await;
        undone.expect("the database is as it was before");
        store.migrate().await.expect("the database is migrated");
        assert_eq!(number(&store, "SELECT count(*) FROM run_tally_change").await, 3);
        assert_eq!(count(&store).await, 4);
        build(&store).await;
        assert_eq!(number(&store, "SELECT count(*) FROM run_tally_change").await, 0);
        assert_eq!(number(&store, "SELECT count(*) FROM run_tally").await, 3);
        assert_eq!(count(&store).await, 4);
        insert_flow_run(&store, flow, 20, "RUNNING").await;
        assert_eq!(count(&store).await, 5);
    }

    async fn a_change_that_does_not_matter_leaves_the_counts_alone(store: Store) {
        let flow = insert_flow(&store).await;
        insert_flow_run(&store, flow, 0, "RUNNING").await;
        build(&store).await;
        let notes = "SELECT count(*) FROM run_tally_change";
        for (statement, expected) in [
            ("UPDATE flow_run SET name = 'other', updated = created", 0),
            ("UPDATE flow_run SET state_type = 'RUNNING', total_run_time = 0", 0),
            ("UPDATE flow_run SET state_type = 'COMPLETED'", 1),
            ("UPDATE flow_run SET state_type = 'FAILED'", 1),
        ] {
            let changed: Result<u64, StoreError> =
                store.write(statement, |tx, statement| Box::pin(tx.execute(statement, Vec::new()))).await;
            assert_eq!(changed.expect("the run is updated"), 1);
            assert_eq!(number(&store, notes).await, expected, "{statement}");
        }
    }

    async fn an_hour_with_many_runs_is_divided(store: Store) {
        let flow = insert_flow(&store).await;
        let inserted: Result<u64, StoreError> = store
            .write((flow, at(700)), |tx, (flow, expected)| {
                let runs = (0..run_tallies::MOST_RUNS + 500).map(|_| {
                    params![Uuid::now_v7(), WORKSPACE, *expected, *flow, naive::object(), naive::list(), false]
                });
                Box::pin(tx.execute_many(
                    "INSERT INTO flow_run (id, workspace_id, created, updated, name, flow_id, parameters, context,
                         empirical_policy, tags, labels, run_count, expected_start_time, total_run_time,
                         auto_scheduled, state_type, state_name, state_timestamp)
                     VALUES (?1, ?2, ?3, ?3, 'run', ?4, ?5, ?5, ?5, ?6, ?5, 0, ?3, 0, ?7, 'PENDING', 'Pending', ?3)",
                    runs.collect(),
                ))
            })
            .await;
        inserted.expect("the runs are inserted");
        insert_flow_run(&store, flow, 100, "RUNNING").await;
        build(&store).await;
        // One second has all of them: its neighbours are as short.
        assert_eq!(number(&store, "SELECT min(length) FROM run_tally").await, 1);
        assert_eq!(number(&store, "SELECT count(*) FROM run_tally WHERE by_expected IS NULL").await, 0);
        assert_eq!(count(&store).await, run_tallies::MOST_RUNS + 501);
        // A change concerns its second only.
        insert_flow_run(&store, flow, 705, "RUNNING").await;
        assert_eq!(number(&store, "SELECT max(start) FROM run_tally_change").await, HOUR + 705);
        assert_eq!(number(&store, "SELECT count(*) FROM run_tally_change").await, 1);
        assert_eq!(count(&store).await, run_tallies::MOST_RUNS + 502);
    }

    async fn an_hour_whose_runs_are_gone_has_no_row(store: Store) {
        let flow = insert_flow(&store).await;
        insert_flow_run(&store, flow, 0, "RUNNING").await;
        build(&store).await;
        assert_eq!(number(&store, "SELECT count(*) FROM run_tally").await, 1);
        // The runs go with their flow.
        let deleted: Result<u64, StoreError> =
            store.write((), |tx, ()| Box::pin(tx.execute("DELETE FROM flow", Vec::new()))).await;
        assert_eq!(deleted.expect("the flow is deleted"), 1);
        assert_eq!(count(&store).await, 0);
        build(&store).await;
        assert_eq!(number(&store, "SELECT count(*) FROM run_tally").await, 0);
        assert_eq!(number(&store, "SELECT count(*) FROM run_tally_part").await, 0);
        assert_eq!(count(&store).await, 0);
    }

    async fn a_change_between_the_steps_of_the_builder_is_not_lost(store: Store) {
        let flow = insert_flow(&store).await;
        insert_flow_run(&store, flow, 0, "RUNNING").await;
        take(&store).await;
        let period = store
            .read((), |tx, ()| Box::pin(run_tallies::uncounted(tx, 100)))
            .await
            .expect("the periods")
            .remove(0);
        let measured: Measured =
            store.read(period, |tx, period| Box::pin(run_tallies::measure(tx, period))).await.expect("measured");
        insert_flow_run(&store, flow, 1, "RUNNING").await;
        store
            .write((period, measured), |tx, (period, measured)| Box::pin(run_tallies::keep(tx, period, measured)))
            .await
            .expect("the counts are stored");
        assert_eq!(count(&store).await, 2);
        build(&store).await;
        assert_eq!(count(&store).await, 2);
    }
}
