//! Late runs, pauses that ended, and what is left of cancelled runs.

use serde_json::json;
use sluice_orchestration::{Dice, Environment, FlowPolicy, Settings};
use sluice_store::flow_runs::{self, NewFlowRun};
use sluice_store::{StoreError, flows};
use sluice_test_support::on_both_databases;
use sluice_wire::client_version::Client;
use sluice_wire::ids::{FlowRunId, StateId, WorkspaceId};
use sluice_wire::states::{State, StateType};
use sluice_wire::time::{TimeDelta, Timestamp};

use crate::support::World;

const WORKSPACE: WorkspaceId = WorkspaceId::DEFAULT;

fn environment(now: Timestamp) -> Environment {
    Environment { now, client: Client::default(), settings: Settings::default(), dice: Dice::roll(0.5) }
}

pub(crate) async fn create(world: &World, state: State) -> FlowRunId {
    let now = world.now();
    let created: Result<FlowRunId, StoreError> = world
        .store
        .write((state, now), |tx, (state, now)| {
            Box::pin(async move {
                let flow = serde_json::from_value(json!({"name": "etl"})).expect("a flow");
                let (flow, _) = flows::create(tx, WORKSPACE, &flow, *now).await?;
                let new = NewFlowRun::of(flow.id);
                let (run, _) =
                    flow_runs::create(tx, WORKSPACE, &new, Some(state.clone()), &environment(*now)).await?;
                Ok(run.id)
            })
        })
        .await;
    created.expect("the run is created")
}

pub(crate) async fn set(world: &World, id: FlowRunId, state: State) {
    let now = world.now();
    let written: Result<bool, StoreError> = world
        .store
        .write((id, state, now), |tx, (id, state, now)| {
            Box::pin(async move {
                let policy = FlowPolicy::Minimal;
                let change =
                    flow_runs::commit_state(tx, WORKSPACE, *id, policy, state.clone(), &environment(*now))
                        .await?;
                Ok(change.is_some_and(|change| change.is_written))
            })
        })
        .await;
    assert!(written.expect("the state is proposed"));
}

async fn state(world: &World, id: FlowRunId) -> (String, Option<String>) {
    let now = world.now();
    let run = world
        .store
        .read((id, now), |tx, (id, now)| Box::pin(flow_runs::read(tx, WORKSPACE, *id, *now)))
        .await
        .expect("the run is read")
        .expect("the run exists");
    let state: State = run.state.expect("a state").parse().expect("JSON");
    (state.name, state.message)
}

pub(crate) fn of(state_type: StateType, world: &World) -> State {
    State::new(state_type, StateId::sequential(), world.now())
}

on_both_databases! {
    async fn a_run_is_late_fifteen_seconds_after_its_time(store: Store) {
        let world = World::new(store);
        let due = world.now() + TimeDelta::from_secs(10);
        let run = create(&world, State::scheduled("Scheduled", due, StateId::sequential(), world.now())).await;
        let retry = create(&world, State::scheduled("AwaitingRetry", due, StateId::sequential(), world.now())).await;
        world.wait(24);
        world.run("late_runs").await;
        assert_eq!(state(&world, run).await.0, "Scheduled");
        world.wait(1);
        world.run("late_runs").await;
        assert_eq!(state(&world, run).await.0, "Late");
        assert_eq!(state(&world, retry).await.0, "AwaitingRetry");
    }

    async fn a_pause_that_nobody_ended_fails_the_run(store: Store) {
        let world = World::new(store);
        let run = create(&world, of(StateType::Running, &world)).await;
        let mut paused = of(StateType::Paused, &world);
        paused.state_details.pause_timeout = Some(world.now() + TimeDelta::from_secs(60));
        set(&world, run, paused).await;
        let forever = create(&world, of(StateType::Running, &world)).await;
        set(&world, forever, of(StateType::Paused, &world)).await;
        world.wait(59);
        world.run("pause_expirations").await;
        assert_eq!(state(&world, run).await.0, "Paused");
        world.wait(2);
        world.run("pause_expirations").await;
        let message = "The flow was paused and never resumed.".to_owned();
        assert_eq!(state(&world, run).await, ("Failed".to_owned(), Some(message)));
        assert_eq!(state(&world, forever).await.0, "Paused");
    }

    async fn a_cancellation_that_nobody_confirms_is_given_up(store: Store) {
        let world = World::new(store);
        let run = create(&world, of(StateType::Running, &world)).await;
        set(&world, run, of(StateType::Cancelling, &world)).await;
        world.wait(299);
        world.run("cancellation_cleanup").await;
        assert_eq!(state(&world, run).await.0, "Cancelling");
        world.wait(2);
        world.run("cancellation_cleanup").await;
        assert_eq!(state(&world, run).await.0, "Cancelled");
    }

    async fn what_goes_on_below_a_cancelled_run_is_cancelled(store: Store) {
        let world = World::new(store);
        let parent = create(&world, of(StateType::Running, &world)).await;
        let now = world.now();
        let child: Result<FlowRunId, StoreError> = world
            .store
            .write((parent, now), |tx, (parent, now)| {
                Box::pin(async move {
                    let environment = environment(*now);
                    let task = json!({"flow_run_id": parent, "task_key": "subflow", "dynamic_key": "0"});
                    let task = serde_json::from_value(task).expect("a task run");
                    let running = State::new(StateType::Running, StateId::sequential(), *now);
                    let (task, _) =
                        sluice_store::task_runs::create(tx, WORKSPACE, &task, Some(running.clone()), &environment).await?;
                    let flow = serde_json::from_value(json!({"name": "etl"})).expect("a flow");
                    let (flow, _) = flows::create(tx, WORKSPACE, &flow, *now).await?;
                    let new = NewFlowRun { parent_task_run_id: Some(task.id), ..NewFlowRun::of(flow.id) };
                    let (run, _) = flow_runs::create(tx, WORKSPACE, &new, Some(running), &environment).await?;
                    Ok(run.id)
                })
            })
            .await;
        let child = child.expect("the subflow is created");
        world.run("cancellation_cleanup").await;
        assert_eq!(state(&world, child).await.0, "Running");
        set(&world, parent, of(StateType::Cancelled, &world)).await;
        world.run("cancellation_cleanup").await;
        let message = "The parent flow run was cancelled.".to_owned();
        assert_eq!(state(&world, child).await, ("Cancelled".to_owned(), Some(message)));
    }
}
