use serde_json::json;
use sluice_store::{Store, params, task_runs};
use sluice_test_support::on_both_databases;
use sluice_wire::ids::{EventId, FlowRunId, TaskRunId, WorkspaceId};
use sluice_wire::json::RawJson;
use sluice_wire::task_runs::RecordedTaskRun;
use sluice_wire::time::Timestamp;

const WORKSPACE: WorkspaceId = WorkspaceId::DEFAULT;

fn report(
    id: TaskRunId,
    flow_run: Option<FlowRunId>,
    at: i64,
    state: &str,
    fields: &serde_json::Value,
) -> RecordedTaskRun {
    let mut task_run = json!({"name": "t-0", "task_key": "t-abc", "dynamic_key": "0"});
    task_run.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    let payload = json!({"task_run": task_run, "validated_state": {"type": state}});
    let payload = RawJson::from_value(&payload).expect("JSON");
    RecordedTaskRun::from_event(id, flow_run, &payload, EventId::sequential(), Timestamp::from_micros(at))
        .expect("a report")
}

async fn record(store: &Store, runs: Vec<RecordedTaskRun>) {
    store
        .write(runs, |tx, runs| Box::pin(task_runs::record(tx, WORKSPACE, runs, Timestamp::from_micros(9))))
        .await
        .expect("the reports are recorded");
}

type Stored = (TaskRunId, String, i64, Option<Timestamp>);

/// The runs with their state, run count and start time, and how many states are stored.
async fn stored(store: &Store) -> (Vec<Stored>, i64) {
    store
        .read((), |tx, ()| {
            Box::pin(async move {
                let rows = tx
                    .query("SELECT id, state_type, run_count, start_time FROM task_run ORDER BY id", vec![])
                    .await?;
                let runs = rows.into_iter().map(|row| {
                    let mut columns = row.columns();
                    Ok((columns.take()?, columns.take()?, columns.take()?, columns.take()?))
                });
                let runs = runs.collect::<sluice_store::Result<Vec<_>>>()?;
                let states = tx.scalar("SELECT count(*) FROM task_run_state", params![]).await?;
                Ok::<_, sluice_store::StoreError>((runs, states.unwrap_or(0)))
            })
        })
        .await
        .expect("the rows are read")
}

on_both_databases! {
    async fn the_newest_report_wins_and_every_state_is_kept(store: Store) {
        let (id, flow_run) = (TaskRunId::sequential(), FlowRunId::random());
        let pending = report(id, Some(flow_run), 1, "PENDING", &json!({}));
        let running = report(id, Some(flow_run), 2, "RUNNING", &json!({"run_count": 1, "start_time": "1970-01-01T00:00:01Z"}));
        let completed = report(id, Some(flow_run), 3, "COMPLETED", &json!({"run_count": 1}));
        record(&store, vec![running.clone(), completed.clone()]).await;
        // late, and twice
        record(&store, vec![pending, running, completed]).await;
        let (runs, states) = stored(&store).await;
        assert_eq!((runs.len(), runs[0].0, runs[0].1.as_str(), runs[0].2, states), (1, id, "COMPLETED", 1, 3));
    }

    async fn what_a_report_leaves_out_stays_and_what_it_nulls_goes(store: Store) {
        let (id, flow_run) = (TaskRunId::sequential(), Some(FlowRunId::random()));
        let started = json!({"start_time": "1970-01-01T00:00:01Z", "run_count": 4});
        record(&store, vec![report(id, flow_run, 1, "RUNNING", &started)]).await;
        record(&store, vec![report(id, flow_run, 2, "FAILED", &json!({}))]).await;
        assert_eq!(stored(&store).await.0[0].3, Some(Timestamp::from_micros(1_000_000)));
        assert_eq!(stored(&store).await.0[0].2, 4);
        record(&store, vec![report(id, flow_run, 3, "FAILED", &json!({"start_time": null}))]).await;
        assert_eq!(stored(&store).await.0[0].3, None);
    }

    async fn a_run_with_the_same_keys_keeps_the_id_that_is_stored(store: Store) {
        let (first, second, flow_run) = (TaskRunId::sequential(), TaskRunId::sequential(), Some(FlowRunId::random()));
        record(&store, vec![report(first, flow_run, 1, "PENDING", &json!({}))]).await;
        record(&store, vec![report(second, flow_run, 2, "RUNNING", &json!({}))]).await;
        let (runs, states) = stored(&store).await;
        assert_eq!((runs.len(), runs[0].0, runs[0].1.as_str(), states), (1, first, "RUNNING", 2));
        let alone = report(TaskRunId::sequential(), None, 1, "PENDING", &json!({}));
        let other = report(TaskRunId::sequential(), None, 1, "PENDING", &json!({}));
        record(&store, vec![alone, other]).await;
        assert_eq!(stored(&store).await.0.len(), 3);
    }
}
