//! Runs whose heartbeats stop, and all those that must not be touched.

use serde_json::{Value, json};
use sluice_orchestration::{Dice, Environment, FlowPolicy, Settings};
use sluice_services::{Service, ServiceSettings};
use sluice_store::events::{self as store_events, NewEvent};
use sluice_store::flow_run_heartbeats::{self, NewHeartbeat};
use sluice_store::flow_runs::{self, NewFlowRun};
use sluice_store::{Database, Dialect, StoreError, flows, outbox};
use sluice_test_support::on_both_databases;
use sluice_wire::client_version::Client;
use sluice_wire::events::{Event, ReceivedEvent};
use sluice_wire::ids::{FlowRunId, StateId, WorkspaceId};
use sluice_wire::states::{State, StateType};
use sluice_wire::time::Timestamp;

use crate::support::{World, service};

const WORKSPACE: WorkspaceId = WorkspaceId::DEFAULT;

fn environment(now: Timestamp) -> Environment {
    Environment { now, client: Client::default(), settings: Settings::default(), dice: Dice::roll(0.5) }
}

async fn running(world: &World, labels: &Value) -> FlowRunId {
    let labels = serde_json::from_value(labels.clone()).expect("labels");
    let created: Result<FlowRunId, StoreError> = world
        .store
        .write((labels, world.now()), |tx, (labels, now)| {
            let labels = Clone::clone(labels);
            Box::pin(async move {
                let flow = serde_json::from_value(json!({"name": "etl"})).expect("a flow");
                let (flow, _) = flows::create(tx, WORKSPACE, &flow, *now).await?;
                let new = NewFlowRun { labels, ..NewFlowRun::of(flow.id) };
                let state = State::new(StateType::Running, StateId::sequential(), *now);
                let (run, _) =
                    flow_runs::create(tx, WORKSPACE, &new, Some(state), &environment(*now)).await?;
                Ok(run.id)
            })
        })
        .await;
    created.expect("the run is created")
}

async fn set(world: &World, id: FlowRunId, state_type: StateType) {
    let now = world.now();
    let written: Result<bool, StoreError> = world
        .store
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

async fn beat(world: &World, run: FlowRunId) {
    let now = world.now();
    let heartbeat = NewHeartbeat { workspace: WORKSPACE, flow_run_id: run, received: now, occurred: now };
    let noted: Result<(), StoreError> = world
        .store
        .write(heartbeat, |tx, heartbeat| {
            Box::pin(async move { flow_run_heartbeats::record(tx, &[*heartbeat]).await })
        })
        .await;
    noted.expect("the heartbeat is noted");
}

/// Stores the event of a heartbeat, and nothing else.
async fn store_heartbeat_event(world: &World, run: FlowRunId) {
    let event = json!({
        "occurred": world.now(), "received": world.now(), "id": uuid::Uuid::now_v7(),
        "event": "prefect.flow-run.heartbeat", "resource": {"prefect.resource.id": format!("prefect.flow-run.{run}")},
    });
    let event: ReceivedEvent = serde_json::from_value(event).expect("an event");
    let row = NewEvent::new(WORKSPACE, &event, 1);
    let stored: Result<Vec<bool>, StoreError> = world
        .store
        .write_to(Database::Telemetry, row, |tx, row| Box::pin(store_events::insert(tx, vec![row])))
        .await;
    assert_eq!(stored.expect("the event is stored"), [true]);
}

async fn state(world: &World, id: FlowRunId) -> State {
    let run = world
        .store
        .read((id, world.now()), |tx, (id, now)| Box::pin(flow_runs::read(tx, WORKSPACE, *id, *now)))
        .await
        .expect("the run is read")
        .expect("the run exists");
    run.state.expect("a state").parse().expect("JSON")
}

/// The events of this name that were committed, and that no pump has taken.
async fn events(world: &World, name: &str) -> Vec<Event> {
    let waiting = world.store.write((), |tx, ()| Box::pin(outbox::take(tx, 1_000))).await;
    let events = waiting.expect("the events are read").into_iter().map(|(_, _, event)| event);
    events.filter(|event| event.event == name).collect()
}

/// Looks every 30 seconds, as often as the service does or more seldom.
async fn look_for(world: &World, zombies: &dyn Service, seconds: i64) {
    for _ in 0..seconds / 30 {
        world.wait(30);
        world.run_again(zombies).await;
    }
}

on_both_databases! {
    async fn a_run_whose_heartbeats_stop_is_crashed_once(store: Store) {
        let world = World::new(store);
        let zombies = service("zombie_runs");
        let run = running(&world, &json!({})).await;
        world.run_again(zombies.as_ref()).await;
        for _ in 0..3 {
            beat(&world, run).await;
            look_for(&world, zombies.as_ref(), 30).await;
        }
        look_for(&world, zombies.as_ref(), 30).await;
        world.wait(29);
        world.run_again(zombies.as_ref()).await;
        assert_eq!(state(&world, run).await.r#type, StateType::Running, "89 seconds after the last heartbeat");
        world.wait(1);
        world.run_again(zombies.as_ref()).await;
        let crashed = state(&world, run).await;
        assert_eq!(crashed.r#type, StateType::Crashed);
        let message = crashed.message.expect("a message");
        assert!(message.starts_with("No heartbeat for 90 seconds; the last one came at 2026-"), "{message}");
        look_for(&world, zombies.as_ref(), 120).await;
        assert_eq!(events(&world, "prefect.flow-run.Crashed").await.len(), 1);
        let told = events(&world, "sluice.flow-run.zombie-detected").await;
        let [event] = told.as_slice() else { panic!("one event: {told:?}") };
        assert_eq!(event.resource["prefect.resource.id"], format!("prefect.flow-run.{run}"));
        let payload: Value = event.payload.parse().expect("JSON");
        assert_eq!((&payload["seconds_without_heartbeat"], &payload["seconds_allowed"]), (&json!(90.0), &json!(90.0)));
    }

    async fn runs_that_are_heard_of_stay(store: Store) {
        let world = World::new(store);
        let zombies = service("zombie_runs");
        let run = running(&world, &json!({})).await;
        world.run_again(zombies.as_ref()).await;
        for _ in 0..6 {
            beat(&world, run).await;
            look_for(&world, zombies.as_ref(), 180).await;
        }
        look_for(&world, zombies.as_ref(), 330).await;
        assert_eq!(state(&world, run).await.r#type, StateType::Running, "its interval is three minutes");
        look_for(&world, zombies.as_ref(), 60).await;
        assert_eq!(state(&world, run).await.r#type, StateType::Crashed);
    }

    async fn runs_that_were_never_heard_of_stay(store: Store) {
        let world = World::new(store);
        let zombies = service("zombie_runs");
        let run = running(&world, &json!({})).await;
        look_for(&world, zombies.as_ref(), 1_200).await;
        assert_eq!(state(&world, run).await.r#type, StateType::Running);
    }

    async fn runs_that_ask_for_it_are_watched_from_their_beginning(store: Store) {
        let world = World::new(store);
        let zombies = service("zombie_runs");
        let asked = running(&world, &json!({"sluice.zombie-after-seconds": 300})).await;
        let long = running(&world, &json!({"sluice.zombie-detection": true})).await;
        let refused = running(&world, &json!({"sluice.zombie-detection": false, "sluice.zombie-after-seconds": 60})).await;
        let over = running(&world, &json!({"sluice.zombie-detection": true})).await;
        set(&world, over, StateType::Completed).await;
        world.run_again(zombies.as_ref()).await;
        look_for(&world, zombies.as_ref(), 270).await;
        assert_eq!(state(&world, asked).await.r#type, StateType::Running);
        look_for(&world, zombies.as_ref(), 60).await;
        let crashed = state(&world, asked).await;
        assert_eq!(crashed.r#type, StateType::Crashed);
        let message = crashed.message.expect("a message");
        assert!(message.ends_with("seconds, and none before."), "{message}");
        let told = events(&world, "sluice.flow-run.zombie-detected").await;
        let payload: Value = told[0].payload.parse().expect("JSON");
        assert_eq!(payload["last_heartbeat"], Value::Null);
        beat(&world, long).await;
        look_for(&world, zombies.as_ref(), 510).await;
        assert_eq!(state(&world, long).await.r#type, StateType::Running, "it was heard of then");
        look_for(&world, zombies.as_ref(), 60).await;
        for (run, expected) in [(long, StateType::Crashed), (refused, StateType::Running), (over, StateType::Completed)] {
            assert_eq!(state(&world, run).await.r#type, expected);
        }
    }

    async fn heartbeats_can_be_expected_of_every_run(store: Store) {
        let mut world = World::new(store);
        world.settings = ServiceSettings { zombie_runs_unheard: true, ..Default::default() }.into();
        let zombies = service("zombie_runs");
        let (silent, heard) = (running(&world, &json!({})).await, running(&world, &json!({})).await);
        let refused = running(&world, &json!({"sluice.zombie-detection": false})).await;
        world.run_again(zombies.as_ref()).await;
        look_for(&world, zombies.as_ref(), 510).await;
        assert_eq!(state(&world, silent).await.r#type, StateType::Running);
        beat(&world, heard).await;
        look_for(&world, zombies.as_ref(), 60).await;
        for (run, expected) in [(silent, StateType::Crashed), (heard, StateType::Running), (refused, StateType::Running)] {
            assert_eq!(state(&world, run).await.r#type, expected);
        }
    }

    async fn a_heartbeat_that_a_crash_left_out_is_noted_by_the_next_process(store: Store) {
        let world = World::new(store);
        let run = running(&world, &json!({})).await;
        store_heartbeat_event(&world, run).await;
        let zombies = service("zombie_runs");
        look_for(&world, zombies.as_ref(), 600).await;
        // On PostgreSQL the event and the note are one transaction, which this test goes around.
        let expected = match world.store.dialect() {
            Dialect::Sqlite => StateType::Crashed,
            Dialect::Postgres => StateType::Running,
        };
        assert_eq!(state(&world, run).await.r#type, expected);
    }

    async fn runs_that_do_not_run_stay(store: Store) {
        let world = World::new(store);
        let zombies = service("zombie_runs");
        let mut runs = Vec::new();
        for state_type in [StateType::Paused, StateType::Cancelling, StateType::Completed, StateType::Scheduled] {
            let run = running(&world, &json!({})).await;
            beat(&world, run).await;
            set(&world, run, state_type).await;
            // What comes late, because it was on its way.
            beat(&world, run).await;
            runs.push((run, state_type));
        }
        look_for(&world, zombies.as_ref(), 1_200).await;
        for (run, state_type) in runs {
            assert_eq!(state(&world, run).await.r#type, state_type);
        }
    }

    async fn a_run_that_comes_back_is_not_judged_by_its_old_heartbeats(store: Store) {
        let world = World::new(store);
        let zombies = service("zombie_runs");
        let run = running(&world, &json!({})).await;
        world.run_again(zombies.as_ref()).await;
        for _ in 0..3 {
            beat(&world, run).await;
            look_for(&world, zombies.as_ref(), 30).await;
        }
        set(&world, run, StateType::Paused).await;
        look_for(&world, zombies.as_ref(), 3_600).await;
        set(&world, run, StateType::Running).await;
        look_for(&world, zombies.as_ref(), 510).await;
        assert_eq!(state(&world, run).await.r#type, StateType::Running, "its interval may be another one");
        look_for(&world, zombies.as_ref(), 630).await;
        assert_eq!(state(&world, run).await.r#type, StateType::Crashed);
    }

    async fn nobody_is_blamed_for_the_time_when_the_server_was_away(store: Store) {
        let world = World::new(store);
        let zombies = service("zombie_runs");
        let run = running(&world, &json!({"sluice.zombie-after-seconds": 100})).await;
        world.run_again(zombies.as_ref()).await;
        beat(&world, run).await;
        look_for(&world, zombies.as_ref(), 60).await;
        world.wait(3_600);
        let after_restart = service("zombie_runs");
        for process in [&zombies, &after_restart] {
            world.run_again(process.as_ref()).await;
            assert_eq!(state(&world, run).await.r#type, StateType::Running, "it did not listen");
        }
        look_for(&world, after_restart.as_ref(), 90).await;
        assert_eq!(state(&world, run).await.r#type, StateType::Running);
        look_for(&world, after_restart.as_ref(), 30).await;
        assert_eq!(state(&world, run).await.r#type, StateType::Crashed);
    }

    async fn a_deployment_decides_for_its_runs(store: Store) {
        let world = World::new(store);
        let zombies = service("zombie_runs");
        let off = running(&world, &json!({"sluice.zombie-detection": false})).await;
        let soon = running(&world, &json!({"sluice.zombie-after-seconds": 50})).await;
        let late = running(&world, &json!({"sluice.zombie-after-seconds": 900})).await;
        world.run_again(zombies.as_ref()).await;
        for run in [off, soon, late] {
            beat(&world, run).await;
        }
        look_for(&world, zombies.as_ref(), 60).await;
        assert_eq!(state(&world, soon).await.r#type, StateType::Crashed);
        look_for(&world, zombies.as_ref(), 810).await;
        assert_eq!(state(&world, late).await.r#type, StateType::Running);
        look_for(&world, zombies.as_ref(), 60).await;
        assert_eq!(state(&world, late).await.r#type, StateType::Crashed);
        assert_eq!(state(&world, off).await.r#type, StateType::Running);
    }

    async fn what_happens_while_the_service_looks_wins(store: Store) {
        let world = World::new(store);
        let zombies = service("zombie_runs");
        for _ in 0..20 {
            let (heard, done) = (running(&world, &json!({})).await, running(&world, &json!({})).await);
            world.run_again(zombies.as_ref()).await;
            for run in [heard, done] {
                beat(&world, run).await;
            }
            let last_heartbeat = world.now();
            look_for(&world, zombies.as_ref(), 510).await;
            world.wait(31);
            let completes = async {
                set(&world, done, StateType::Completed).await;
            };
            futures::join!(world.run_again(zombies.as_ref()), beat(&world, heard), completes);
            let state_of_heard = state(&world, heard).await;
            if state_of_heard.r#type == StateType::Crashed {
                let message = state_of_heard.message.expect("a message");
                assert!(message.contains(&last_heartbeat.to_string()), "crashed in spite of a newer heartbeat");
            }
            assert_eq!(state(&world, done).await.r#type, StateType::Completed);
        }
    }

    async fn what_is_known_of_a_run_goes_when_it_is_over(store: Store) {
        let world = World::new(store);
        let zombies = service("zombie_runs");
        let run = running(&world, &json!({})).await;
        beat(&world, run).await;
        set(&world, run, StateType::Completed).await;
        let is_known = || async {
            let due = world.store.read(world.now(), |tx, now| Box::pin(flow_run_heartbeats::due(tx, *now, 10))).await;
            due.expect("read").len()
        };
        assert_eq!(is_known().await, 1);
        world.run_again(zombies.as_ref()).await;
        world.wait(100_000);
        assert_eq!(is_known().await, 0);
    }
}
