use serde_json::json;
use sluice_orchestration::{Dice, Environment, FlowPolicy, Settings};
use sluice_store::flow_run_heartbeats::{self, NewHeartbeat, WatchedRun};
use sluice_store::flow_runs::{self, NewFlowRun};
use sluice_store::{Store, StoreError, flows, task_runs};
use sluice_test_support::on_both_databases;
use sluice_wire::client_version::Client;
use sluice_wire::ids::{FlowRunId, StateId, TaskRunId, WorkspaceId};
use sluice_wire::states::{State, StateType};
use sluice_wire::time::{TimeDelta, Timestamp};

const WORKSPACE: WorkspaceId = WorkspaceId::DEFAULT;

fn at(seconds: i64) -> Timestamp {
    Timestamp::EPOCH + TimeDelta::from_secs(seconds)
}

fn environment(now: Timestamp) -> Environment {
    Environment { now, client: Client::INTERNAL, settings: Settings::default(), dice: Dice::roll(0.5) }
}

async fn running(store: &Store, tag: &str, parent: Option<TaskRunId>) -> FlowRunId {
    let created: Result<FlowRunId, StoreError> = store
        .write((tag.to_owned(), parent), |tx, (tag, parent)| {
            Box::pin(async move {
                let flow = serde_json::from_value(json!({"name": "etl"})).expect("a flow");
                let (flow, _) = flows::create(tx, WORKSPACE, &flow, at(0)).await?;
                let new = NewFlowRun {
                    tags: vec![tag.clone()],
                    parent_task_run_id: *parent,
                    ..NewFlowRun::of(flow.id)
                };
                let state = State::new(StateType::Running, StateId::sequential(), at(0));
                let (run, _) =
                    flow_runs::create(tx, WORKSPACE, &new, Some(state), &environment(at(0))).await?;
                Ok(run.id)
            })
        })
        .await;
    created.expect("the run is created")
}

/// The task run that stands for a subflow of `parent`.
async fn place_for_subflow(store: &Store, parent: FlowRunId) -> TaskRunId {
    let created: Result<TaskRunId, StoreError> = store
        .write(parent, |tx, parent| {
            Box::pin(async move {
                let task = json!({"flow_run_id": parent, "task_key": "subflow", "dynamic_key": "0"});
                let task = serde_json::from_value(task).expect("a task run");
                let state = State::new(StateType::Running, StateId::sequential(), at(0));
                let (task, _) =
                    task_runs::create(tx, WORKSPACE, &task, Some(state), &environment(at(0))).await?;
                Ok(task.id)
            })
        })
        .await;
    created.expect("the task run is created")
}

async fn set(store: &Store, id: FlowRunId, state_type: StateType, now: Timestamp) {
    let written: Result<bool, StoreError> = store
        .write((id, state_type, now), |tx, (id, state_type, now)| {
            Box::pin(async move {
                let state = State::new(*state_type, StateId::sequential(), *now);
                let policy = FlowPolicy::Minimal;
                let change =
                    flow_runs::commit_state(tx, WORKSPACE, *id, policy, state, &environment(*now)).await?;
                Ok(change.is_some_and(|change| change.is_written))
            })
        })
        .await;
    assert!(written.expect("the state is proposed"));
}

/// Heartbeats that came at the first second of each pair and were sent at the other one, in one batch.
async fn beat(store: &Store, run: FlowRunId, heartbeats: &[(i64, i64)]) {
    let heartbeat = |(received, occurred): &(i64, i64)| NewHeartbeat {
        workspace: WORKSPACE,
        flow_run_id: run,
        received: at(*received),
        occurred: at(*occurred),
    };
    let heartbeats: Vec<NewHeartbeat> = heartbeats.iter().map(heartbeat).collect();
    store
        .write(heartbeats, |tx, heartbeats| Box::pin(flow_run_heartbeats::record(tx, heartbeats)))
        .await
        .expect("the heartbeats are noted");
}

async fn watched(store: &Store, run: FlowRunId) -> Option<WatchedRun> {
    store
        .write(run, |tx, run| Box::pin(flow_run_heartbeats::watched_for_update(tx, WORKSPACE, *run)))
        .await
        .expect("the run is read")
}

/// When the newest heartbeat came, and when the newest three were sent, in seconds.
async fn known(store: &Store, run: FlowRunId) -> (i64, Vec<i64>) {
    let heartbeats = watched(store, run).await.expect("it was heard of").heartbeats;
    let seconds = |time: Timestamp| time.since(at(0)).as_micros() / 1_000_000;
    (seconds(heartbeats.last_seen), heartbeats.occurred.into_iter().flatten().map(seconds).collect())
}

async fn due(store: &Store, now: i64) -> Vec<(FlowRunId, bool)> {
    let due = store.read(at(now), |tx, now| Box::pin(flow_run_heartbeats::due(tx, *now, 10))).await;
    due.expect("the runs are read").into_iter().map(|(id, run)| (id, run.is_some())).collect()
}

on_both_databases! {
    async fn the_newest_three_are_known(store: Store) {
        let run = running(&store, "a", None).await;
        assert_eq!(watched(&store, run).await, None);
        beat(&store, run, &[(11, 1)]).await;
        assert_eq!(known(&store, run).await, (11, vec![1]));
        beat(&store, run, &[(41, 31), (71, 61)]).await;
        assert_eq!(known(&store, run).await, (71, vec![61, 31, 1]));
        beat(&store, run, &[(101, 91)]).await;
        assert_eq!(known(&store, run).await, (101, vec![91, 61, 31]));
    }

    async fn one_that_comes_again_or_late_says_only_that_its_sender_lives(store: Store) {
        let run = running(&store, "a", None).await;
        beat(&store, run, &[(11, 1), (41, 31), (50, 31), (55, 1)]).await;
        assert_eq!(known(&store, run).await, (55, vec![31, 1]));
        beat(&store, run, &[(45, 40)]).await;
        assert_eq!(known(&store, run).await, (55, vec![40, 31, 1]));
    }

    async fn those_of_another_state_begin_anew(store: Store) {
        let run = running(&store, "a", None).await;
        beat(&store, run, &[(11, 1), (41, 31)]).await;
        set(&store, run, StateType::Paused, at(50)).await;
        beat(&store, run, &[(60, 59)]).await;
        assert_eq!(known(&store, run).await, (41, vec![31, 1]), "only runs that are RUNNING are heard");
        set(&store, run, StateType::Running, at(70)).await;
        beat(&store, run, &[(71, 61)]).await;
        assert_eq!(known(&store, run).await, (71, vec![61]));
        beat(&store, FlowRunId::random(), &[(71, 61)]).await;
    }

    async fn a_run_is_due_when_it_is_new_and_when_its_time_has_come(store: Store) {
        let run = running(&store, "a", None).await;
        beat(&store, run, &[(11, 1)]).await;
        assert_eq!((due(&store, 10).await, due(&store, 11).await), (vec![], vec![(run, true)]));
        let later = store.write(run, |tx, run| {
            Box::pin(async move { flow_run_heartbeats::check_again(tx, &[(*run, at(100))]).await })
        });
        later.await.expect("noted");
        beat(&store, run, &[(41, 31)]).await;
        assert_eq!((due(&store, 99).await, due(&store, 100).await), (vec![], vec![(run, true)]));
        let deleted = store.write((run, environment(at(50))), |tx, (run, environment)| {
            Box::pin(flow_runs::delete(tx, WORKSPACE, *run, environment))
        });
        deleted.await.expect("deleted");
        assert_eq!(due(&store, 100).await, [(run, false)]);
        let forgotten = store.write(run, |tx, run| Box::pin(async move { flow_run_heartbeats::forget(tx, &[*run]).await }));
        forgotten.await.expect("forgotten");
        assert_eq!(due(&store, 100).await, []);
    }

    async fn a_subflow_knows_what_is_above_it(store: Store) {
        let top = running(&store, "top", None).await;
        let middle = running(&store, "middle", Some(place_for_subflow(&store, top).await)).await;
        let bottom = running(&store, "bottom", Some(place_for_subflow(&store, middle).await)).await;
        beat(&store, bottom, &[(1, 1)]).await;
        let run = watched(&store, bottom).await.expect("it was heard of");
        let above: Vec<_> = run.ancestors.into_iter().flat_map(|(_, tags)| tags).collect();
        assert_eq!(above, ["middle", "top"]);
    }
}
