//! Log lines: stored, found by filter, deleted with their run or by age.

use serde_json::json;
use sluice_store::commits::commit_horizon;
use sluice_store::{Database, Store, logs, run_logs};
use sluice_test_support::on_both_databases;
use sluice_wire::ids::{FlowRunId, WorkspaceId};
use sluice_wire::logs::{Log, LogCreate};
use sluice_wire::sorting::LogSort;
use sluice_wire::time::Timestamp;

const WORKSPACE: WorkspaceId = WorkspaceId::DEFAULT;
/// The process that stores.
const ORIGIN: i64 = 1;

fn log(second: i64, message: &str, flow_run: Option<FlowRunId>) -> Log {
    let log = json!({"name": "n", "level": 20, "message": message, "flow_run_id": flow_run,
        "timestamp": Timestamp::from_micros(second * 1_000_000)});
    serde_json::from_value::<LogCreate>(log).expect("a log").into_log()
}

async fn insert(store: &Store, lines: Vec<Log>) {
    store
        .write_to(Database::Telemetry, lines, |tx, lines| {
            Box::pin(logs::insert(tx, WORKSPACE, lines, Timestamp::from_micros(5), ORIGIN))
        })
        .await
        .expect("stored");
}

async fn messages(store: &Store, filter: &str, sort: LogSort) -> Vec<String> {
    let filter = serde_json::from_str(filter).expect("a filter");
    let found = store
        .read_from(Database::Telemetry, (filter, sort), |tx, (filter, sort)| {
            Box::pin(logs::filter(tx, WORKSPACE, Some(filter), *sort, 100, 0))
        })
        .await
        .expect("read");
    found.into_iter().map(|log| log.message).collect()
}

on_both_databases! {
    async fn lines_are_found_by_run_and_text_in_order(store: Store) {
        let (run, other) = (FlowRunId::random(), FlowRunId::random());
        insert(&store, vec![
            log(2, "second", Some(run)), log(1, "first\0", Some(run)), log(3, "other", Some(other)), log(4, "free", None),
        ]).await;
        let of_run = format!(r#"{{"flow_run_id":{{"any_":["{run}"]}}}}"#);
        assert_eq!(messages(&store, &of_run, LogSort::TimestampAsc).await, ["first", "second"]);
        assert_eq!(messages(&store, &of_run, LogSort::TimestampDesc).await, ["second", "first"]);
        assert_eq!(messages(&store, r#"{"text":{"query":"FREE other"}}"#, LogSort::TimestampAsc).await, ["other", "free"]);
    }

    async fn lines_go_with_their_run_and_the_others_by_age(store: Store) {
        let (run, other) = (FlowRunId::random(), FlowRunId::random());
        insert(&store, vec![log(1, "of the run", Some(run)), log(1, "of another", Some(other))]).await;
        insert(&store, (1..=5).map(|second| log(second, "free", None)).collect()).await;
        store
            .write_to(Database::Telemetry, run, |tx, run| {
                Box::pin(async move { run_logs::delete_of_flow_runs(tx, WORKSPACE, &[*run]).await })
            })
            .await
            .expect("deleted");
        for expected in [2, 1, 0] {
            let deleted = store
                .write_to(Database::Telemetry, Timestamp::from_micros(4_000_000), |tx, before| {
                    Box::pin(logs::delete_expired(tx, WORKSPACE, *before, 2))
                })
                .await
                .expect("deleted");
            assert_eq!(deleted, expected);
        }
        assert_eq!(messages(&store, "{}", LogSort::TimestampAsc).await, ["of another", "free", "free"]);
    }

    async fn other_processes_find_lines_by_the_transaction_that_stored_them(store: Store) {
        let horizon = store.read((), |tx, ()| Box::pin(commit_horizon(tx))).await.expect("read");
        insert(&store, vec![log(1, "one", None), log(2, "two", None)]).await;
        // SQLite has one process: there is no horizon, and nothing to find.
        let Some(horizon) = horizon else { return };
        let found = async |origin: i64| -> Vec<String> {
            let found = store.read((horizon, origin), |tx, (horizon, origin)| {
                Box::pin(logs::committed_by_others(tx, *horizon, *origin))
            });
            found.await.expect("read").into_iter().map(|(_, _, log)| log.message).collect()
        };
        assert_eq!(found(ORIGIN + 1).await, ["one", "two"]);
        assert!(found(ORIGIN).await.is_empty(), "who stored them has handed them on");
    }
}
