use serde_json::json;
use sluice_orchestration::{Dice, Environment, Settings};
use sluice_services::ServiceSettings;
use sluice_store::flow_runs::{self, NewFlowRun};
use sluice_store::{Database, StoreError, artifacts, flows, logs};
use sluice_test_support::on_both_databases;
use sluice_wire::client_version::Client;
use sluice_wire::ids::{FlowRunId, StateId, WorkspaceId};
use sluice_wire::logs::LogCreate;
use sluice_wire::states::{State, StateType};
use sluice_wire::time::{TimeDelta, Timestamp};

use crate::support::World;

const WORKSPACE: WorkspaceId = WorkspaceId::DEFAULT;
const DAY: i64 = 86_400;

/// Creates a run that is in this state since so many seconds, with a log line and an artifact.
async fn create_run(world: &World, state_type: StateType, age: i64) -> FlowRunId {
    let since = world.now() - TimeDelta::from_secs(age);
    let created: Result<FlowRunId, StoreError> = world
        .store
        .write((state_type, since), |tx, (state_type, since)| {
            Box::pin(async move {
                let flow = serde_json::from_value(json!({"name": "etl"})).expect("a flow");
                let (flow, _) = flows::create(tx, WORKSPACE, &flow, *since).await?;
                let environment = environment(*since);
                let state = State::new(*state_type, StateId::sequential(), *since);
                let new = NewFlowRun::of(flow.id);
                let (run, _) = flow_runs::create(tx, WORKSPACE, &new, Some(state), &environment).await?;
                let artifact = json!({"key": format!("key-{}", run.id), "flow_run_id": run.id});
                let artifact = serde_json::from_value(artifact).expect("an artifact");
                artifacts::create(tx, WORKSPACE, &artifact, *since).await?;
                Ok(run.id)
            })
        })
        .await;
    let run = created.expect("the run is created");
    let log = json!({"name": "n", "level": 20, "message": "m", "timestamp": since, "flow_run_id": run});
    let log = serde_json::from_value::<LogCreate>(log).expect("a log").into_log();
    let stored: Result<(), StoreError> = world
        .store
        .write_to(Database::Telemetry, (vec![log], since), |tx, (logs, now)| {
            Box::pin(logs::insert(tx, WORKSPACE, logs, *now, 1))
        })
        .await;
    stored.expect("the log is stored");
    run
}

fn environment(now: Timestamp) -> Environment {
    Environment { now, client: Client::default(), settings: Settings::default(), dice: Dice::roll(0.5) }
}

/// How many runs, artifacts and log lines there are.
async fn left(world: &World) -> (i64, i64, i64) {
    let main: Result<_, StoreError> = world
        .store
        .read((), |tx, ()| {
            Box::pin(async move {
                let runs: Option<i64> = tx.scalar("SELECT count(*) FROM flow_run", Vec::new()).await?;
                let artifacts: Option<i64> = tx.scalar("SELECT count(*) FROM artifact", Vec::new()).await?;
                let keys: Option<i64> =
                    tx.scalar("SELECT count(*) FROM artifact_collection", Vec::new()).await?;
                assert_eq!(artifacts, keys, "each key has its newest artifact");
                Ok((runs.unwrap_or(0), artifacts.unwrap_or(0)))
            })
        })
        .await;
    let logs: Result<Option<i64>, StoreError> = world
        .store
        .read_from(Database::Telemetry, (), |tx, ()| {
            Box::pin(async move { tx.scalar("SELECT count(*) FROM log", Vec::new()).await })
        })
        .await;
    let (runs, artifacts) = main.expect("counted");
    (runs, artifacts, logs.expect("counted").unwrap_or(0))
}

on_both_databases! {
    async fn nothing_goes_unless_it_is_asked_for(store: Store) {
        let world = World::new(store);
        create_run(&world, StateType::Completed, 1_000 * DAY).await;
        world.run("run_retention").await;
        assert_eq!(left(&world).await, (1, 1, 1));
    }

    async fn old_runs_that_are_over_go_with_logs_and_artifacts(store: Store) {
        let mut world = World::new(store);
        world.settings =
            ServiceSettings { run_retention: Some(TimeDelta::from_secs(90 * DAY)), ..Default::default() }.into();
        for state in StateType::FINAL {
            create_run(&world, state, 91 * DAY).await;
        }
        assert_eq!(left(&world).await, (4, 4, 4));
        let recent = create_run(&world, StateType::Completed, 89 * DAY).await;
        for live in [StateType::Running, StateType::Pending, StateType::Paused, StateType::Scheduled] {
            create_run(&world, live, 1_000 * DAY).await;
        }
        world.run("run_retention").await;
        assert_eq!(left(&world).await, (5, 5, 5));
        let kept: Result<_, StoreError> = world
            .store
            .read((recent, world.now()), |tx, (recent, now)| Box::pin(flow_runs::read(tx, WORKSPACE, *recent, *now)))
            .await;
        assert!(kept.expect("read").is_some());
    }
}
