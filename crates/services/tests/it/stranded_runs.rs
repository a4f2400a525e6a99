//! Runs that were claimed by workers that died.

use serde_json::{Value, json};
use sluice_orchestration::{Dice, Environment, FlowPolicy, Settings};
use sluice_services::Service;
use sluice_store::flow_runs::{self, NewFlowRun};
use sluice_store::work_pools::ScheduledRuns;
use sluice_store::{StateChange, StoreError, deployments, flows, outbox, work_pools, work_queues, workers};
use sluice_test_support::on_both_databases;
use sluice_wire::client_version::{ApiVersion, Client, ClientVersion};
use sluice_wire::events::Event;
use sluice_wire::flow_runs::FlowRun;
use sluice_wire::ids::{FlowRunId, StateId, WorkspaceId};
use sluice_wire::orchestration_results::SetStateStatus;
use sluice_wire::orchestration_results::SetStateStatus::{Abort, Accept};
use sluice_wire::states::{State, StateType};
use sluice_wire::time::Timestamp;

use crate::support::{World, service};

const WORKSPACE: WorkspaceId = WorkspaceId::DEFAULT;

fn environment(now: Timestamp) -> Environment {
    let client = Client { version: ClientVersion::parse("3.8.8"), api_version: ApiVersion::parse("0.8.4") };
    Environment { now, client, settings: Settings::default(), dice: Dice::roll(0.5) }
}

/// A SCHEDULED run of a deployment whose work pool is `pool`.
async fn scheduled(world: &World) -> FlowRunId {
    let created: Result<FlowRunId, StoreError> = world
        .store
        .write(world.now(), |tx, now| {
            Box::pin(async move {
                let flow = serde_json::from_value(json!({"name": "etl"})).expect("a flow");
                let (flow, _) = flows::create(tx, WORKSPACE, &flow, *now).await?;
                let new = json!({"name": FlowRunId::random(), "flow_id": flow.id});
                let new = serde_json::from_value(new).expect("a deployment");
                let (deployment, _) = deployments::create(tx, WORKSPACE, &new, None, *now).await?;
                let pool = work_pools::read_by_name(tx, WORKSPACE, "pool").await?.expect("the pool exists");
                let new = NewFlowRun {
                    deployment_id: Some(deployment.deployment.id),
                    work_queue_id: pool.default_queue_id,
                    ..NewFlowRun::of(flow.id)
                };
                let state = State::scheduled("Scheduled", *now, StateId::sequential(), *now);
                let (run, _) =
                    flow_runs::create(tx, WORKSPACE, &new, Some(state), &environment(*now)).await?;
                Ok(run.id)
            })
        })
        .await;
    created.expect("the run is created")
}

async fn heartbeat(world: &World, worker: &'static str) {
    let outcome: Result<(), StoreError> = world
        .store
        .write((worker, world.now()), |tx, (worker, now)| {
            Box::pin(async move {
                let pool = match work_pools::read_by_name(tx, WORKSPACE, "pool").await? {
                    Some(pool) => pool,
                    None => {
                        let new = serde_json::from_value(json!({"name": "pool", "type": "process"}));
                        work_pools::create(tx, WORKSPACE, &new.expect("a pool"), *now).await?
                    }
                };
                workers::heartbeat(tx, WORKSPACE, &pool, worker, Some(30), *now).await
            })
        })
        .await;
    outcome.expect("the heartbeat is noted");
}

/// What a client proposes.
async fn propose(world: &World, run: FlowRunId, state_type: StateType, name: &'static str) -> SetStateStatus {
    let decided: Result<Option<StateChange>, StoreError> = world
        .store
        .write((run, state_type, name, world.now()), |tx, (run, state_type, name, now)| {
            Box::pin(async move {
                let mut state = State::new(*state_type, StateId::sequential(), *now);
                (*name).clone_into(&mut state.name);
                flow_runs::commit_state(tx, WORKSPACE, *run, FlowPolicy::Core, state, &environment(*now))
                    .await
            })
        })
        .await;
    decided.expect("the state is decided").expect("the run exists").result.status
}

async fn claim(world: &World, run: FlowRunId) {
    assert_eq!(propose(world, run, StateType::Pending, "Pending").await, Accept);
}

async fn label(world: &World, run: FlowRunId, labels: &Value) {
    let labels = serde_json::from_value(labels.clone()).expect("labels");
    let labelled: Result<bool, StoreError> = world
        .store
        .write((run, labels, world.now()), |tx, (run, labels, now)| {
            Box::pin(flow_runs::update_labels(tx, WORKSPACE, *run, labels, *now))
        })
        .await;
    assert!(labelled.expect("the labels are stored"));
}

async fn read(world: &World, run: FlowRunId) -> FlowRun {
    let run = world
        .store
        .read((run, world.now()), |tx, (run, now)| Box::pin(flow_runs::read(tx, WORKSPACE, *run, *now)))
        .await;
    run.expect("the run is read").expect("the run exists")
}

async fn state_name(world: &World, run: FlowRunId) -> String {
    read(world, run).await.state_name.expect("a state")
}

/// The runs that a worker of the pool is given.
async fn due(world: &World) -> Vec<FlowRunId> {
    let due: Result<Vec<FlowRunId>, StoreError> = world
        .store
        .read(world.now(), |tx, now| {
            Box::pin(async move {
                let pool = work_pools::read_by_name(tx, WORKSPACE, "pool").await?.expect("the pool exists");
                let queues = work_queues::of_pool(tx, WORKSPACE, pool.id).await?;
                let request =
                    ScheduledRuns { scheduled_before: Some(*now), scheduled_after: None, limit: 10 };
                let runs = work_pools::scheduled_runs(tx, WORKSPACE, &pool, &queues, request, *now).await?;
                Ok(runs.into_iter().map(|run| run.flow_run.id).collect())
            })
        })
        .await;
    due.expect("the runs are read")
}

async fn events(world: &World, name: &str) -> Vec<Event> {
    let waiting = world.store.write((), |tx, ()| Box::pin(outbox::take(tx, 1_000))).await;
    let events = waiting.expect("the events are read").into_iter().map(|(_, _, event)| event);
    events.filter(|event| event.event == name).collect()
}

/// Time goes by, `alive` is heard of, and both services look.
async fn look_for(world: &World, stranded: &dyn Service, alive: &[&'static str], seconds: i64) {
    for _ in 0..seconds / 15 {
        world.wait(15);
        for worker in alive {
            heartbeat(world, worker).await;
        }
        world.run("foreman").await;
        world.run_again(stranded).await;
    }
}

async fn world_with(store: sluice_store::Store, workers: &[&'static str]) -> (World, Box<dyn Service>) {
    let world = World::new(store);
    let stranded = service("stranded_runs");
    for worker in workers {
        heartbeat(&world, worker).await;
    }
    world.run_again(stranded.as_ref()).await;
    (world, stranded)
}

on_both_databases! {
    async fn the_run_of_a_worker_that_died_is_given_to_another_and_begins_once(store: Store) {
        let (world, stranded) = world_with(store, &["dead", "alive"]).await;
        let run = scheduled(&world).await;
        claim(&world, run).await;
        label(&world, run, &json!({"prefect.worker.name": "dead", "prefect.worker.type": "process", "other": 1})).await;
        look_for(&world, stranded.as_ref(), &["alive"], 105).await;
        assert_eq!(state_name(&world, run).await, "Pending", "it has some time");
        assert_eq!(due(&world).await, []);
        look_for(&world, stranded.as_ref(), &["alive"], 30).await;
        assert_eq!(due(&world).await, [run]);
        let rescheduled = read(&world, run).await;
        assert_eq!(rescheduled.state_name.as_deref(), Some("Rescheduled"));
        let labels: Value = rescheduled.labels.parse().expect("JSON");
        assert_eq!((&labels["prefect.worker.name"], &labels["other"]), (&Value::Null, &json!(1)));
        let told = events(&world, "sluice.flow-run.handed-out-again").await;
        let [event] = told.as_slice() else { panic!("one event: {told:?}") };
        let payload: Value = event.payload.parse().expect("JSON");
        assert_eq!(payload["worker_name"], json!("dead"));

        // The worker that was thought dead wakes up, and its process starts.
        assert_eq!(propose(&world, run, StateType::Pending, "Submitting").await, Abort);
        assert_eq!(propose(&world, run, StateType::Running, "Running").await, Abort);
        // The other worker takes the run; of the two processes one begins it.
        claim(&world, run).await;
        assert_eq!(propose(&world, run, StateType::Pending, "Pending").await, Abort);
        assert_eq!(propose(&world, run, StateType::Running, "Running").await, Accept);
        assert_eq!(propose(&world, run, StateType::Running, "Running").await, Abort);
        assert_eq!(propose(&world, run, StateType::Completed, "Completed").await, Accept);
        assert_eq!(propose(&world, run, StateType::Running, "Running").await, Abort);
        look_for(&world, stranded.as_ref(), &["alive"], 900).await;
        assert_eq!(state_name(&world, run).await, "Completed");
    }

    async fn runs_that_get_on_and_runs_of_workers_that_live_stay(store: Store) {
        let (world, stranded) = world_with(store, &["dead", "alive"]).await;
        let (begun, slow, unnamed, submitted) =
            (scheduled(&world).await, scheduled(&world).await, scheduled(&world).await, scheduled(&world).await);
        for run in [begun, slow, submitted] {
            claim(&world, run).await;
        }
        assert_eq!(propose(&world, begun, StateType::Running, "Running").await, Accept);
        label(&world, slow, &json!({"prefect.worker.name": "alive"})).await;
        label(&world, submitted, &json!({"prefect.worker.name": "dead"})).await;
        look_for(&world, stranded.as_ref(), &["alive"], 105).await;
        // Progress starts the time anew.
        assert_eq!(propose(&world, submitted, StateType::Pending, "Submitting").await, Accept);
        look_for(&world, stranded.as_ref(), &["alive"], 105).await;
        // Claimed after the other worker died: it cannot have been that one.
        claim(&world, unnamed).await;
        assert_eq!(state_name(&world, submitted).await, "Submitting");
        look_for(&world, stranded.as_ref(), &["alive"], 900).await;
        assert_eq!(state_name(&world, begun).await, "Running");
        assert_eq!(state_name(&world, slow).await, "Pending");
        assert_eq!(state_name(&world, unnamed).await, "Pending");
        assert_eq!(state_name(&world, submitted).await, "Rescheduled");
    }

    async fn a_claim_of_which_no_worker_spoke_may_be_that_of_any_lost_one(store: Store) {
        let (world, stranded) = world_with(store, &["dead", "alive"]).await;
        let run = scheduled(&world).await;
        claim(&world, run).await;
        look_for(&world, stranded.as_ref(), &["alive"], 135).await;
        assert_eq!(state_name(&world, run).await, "Rescheduled");
    }

    async fn nobody_is_blamed_for_the_time_when_the_server_was_away(store: Store) {
        let (world, stranded) = world_with(store, &["alive"]).await;
        let run = scheduled(&world).await;
        claim(&world, run).await;
        world.wait(3_600);
        world.run("foreman").await;
        world.run_again(stranded.as_ref()).await;
        assert_eq!(state_name(&world, run).await, "Pending");
        look_for(&world, stranded.as_ref(), &["alive"], 900).await;
        assert_eq!(state_name(&world, run).await, "Pending", "its worker is back");
    }

    async fn a_run_that_kills_every_worker_is_given_up(store: Store) {
        let (world, stranded) = world_with(store, &["first"]).await;
        let run = scheduled(&world).await;
        for _ in 0..3 {
            claim(&world, run).await;
            look_for(&world, stranded.as_ref(), &[], 240).await;
            assert_eq!(state_name(&world, run).await, "Rescheduled");
        }
        claim(&world, run).await;
        look_for(&world, stranded.as_ref(), &[], 240).await;
        let state: State = read(&world, run).await.state.expect("a state").parse().expect("JSON");
        assert_eq!(state.r#type, StateType::Crashed);
        let message = state.message.expect("a message");
        assert!(message.ends_with("The run was handed out again 3 times already."), "{message}");
        assert_eq!(events(&world, "sluice.flow-run.given-up").await.len(), 1);
    }
}
