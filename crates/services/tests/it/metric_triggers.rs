//! Metric triggers: measured runs, firings and what is done about them, with a clock that is moved.

use serde_json::json;
use sluice_store::{Store, StoreError, automations, outbox};
use sluice_test_support::on_both_databases;
use sluice_wire::automations::AutomationCore;
use sluice_wire::ids::{StateId, WorkspaceId};
use sluice_wire::states::{State, StateType};

use crate::overdue_runs::{create, of, set};
use crate::support::World;
use crate::triggers::{fired, settle};

const WORKSPACE: WorkspaceId = WorkspaceId::DEFAULT;

/// An automation of whose actions the numbers tell which list they come from.
async fn automation(world: &World, name: &str, threshold: f64, operator: &str, flow: &str) {
    world.run("triggers").await;
    let core: AutomationCore = serde_json::from_value(json!({
        "name": "a",
        "trigger": {
            "type": "metric", "posture": "Metric", "match": {"prefect.resource.id": "prefect.flow-run.*"},
            "match_related": {"prefect.resource.role": "flow", "prefect.resource.name": flow},
            "metric": {"name": name, "threshold": threshold, "operator": operator, "range": 300, "firing_for": 300},
        },
        "actions": [],
        "actions_on_trigger": [{"type": "do-nothing"}],
        "actions_on_resolve": [{"type": "do-nothing"}, {"type": "do-nothing"}],
    }))
    .expect("an automation");
    let created: Result<_, StoreError> = world
        .store
        .write((core, world.now()), |tx, (core, now)| {
            Box::pin(automations::create(tx, WORKSPACE, core, None, *now))
        })
        .await;
    created.expect("the automation is created");
}

/// A run that starts `late` seconds after its time and takes `seconds`.
async fn measured_run(world: &World, late: i64, seconds: i64, end: StateType) {
    let scheduled = State::scheduled("Scheduled", world.now(), StateId::sequential(), world.now());
    let id = create(world, scheduled).await;
    world.wait(late);
    set(world, id, of(StateType::Running, world)).await;
    world.wait(seconds);
    set(world, id, of(end, world)).await;
}

/// A minute of looking.
async fn minute(world: &World) {
    for _ in 0..2 {
        settle(world).await;
        world.wait(30);
    }
}

/// The events of firings, and the number of actions that wait.
async fn told(world: &World) -> (Vec<String>, usize) {
    let events = world.store.read((), |tx, ()| Box::pin(outbox::take(tx, 1_000))).await.expect("the outbox");
    let names = events.into_iter().map(|(_, _, event)| event.event);
    (
        names.filter(|name| name.ends_with(".triggered") || name.ends_with(".resolved")).collect(),
        fired(world).await.len(),
    )
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("prefect.automation.{name}")).collect()
}

/// Bad runs for six minutes make it fire once, good ones for twelve resolve it once; then it can fire again.
async fn fires_and_resolves(store: Store, metric: &str, threshold: f64, operator: &str, bad: Run, good: Run) {
    let world = World::new(store);
    automation(&world, metric, threshold, operator, "etl").await;
    for _ in 0..4 {
        measured_run(&world, bad.0, bad.1, bad.2).await;
        minute(&world).await;
    }
    assert_eq!(told(&world).await, (vec![], 0), "it has to last for five minutes");
    for _ in 0..4 {
        measured_run(&world, bad.0, bad.1, bad.2).await;
        minute(&world).await;
    }
    assert_eq!(told(&world).await, (names(&["triggered"]), 1));
    let firing = fired(&world).await.remove(0).firing;
    let value = firing.triggering_value.expect("a measure");
    assert!(if operator == "<" { value < threshold } else { value > threshold }, "{value}");
    for _ in 0..14 {
        for _ in 0..5 {
            measured_run(&world, good.0, good.1, good.2).await;
        }
        minute(&world).await;
    }
    assert_eq!(told(&world).await, (names(&["triggered", "resolved"]), 3));
    for _ in 0..14 {
        measured_run(&world, bad.0, bad.1, bad.2).await;
        minute(&world).await;
    }
    assert_eq!(told(&world).await, (names(&["triggered", "resolved", "triggered"]), 4));
}

/// Seconds it starts too late, seconds it takes, and how it ends.
type Run = (i64, i64, StateType);

on_both_databases! {
    async fn successes_that_become_few_and_many(store: Store) {
        let (bad, good) = ((0, 0, StateType::Failed), (0, 0, StateType::Completed));
        fires_and_resolves(store, "successes", 0.7, "<", bad, good).await;
    }

    async fn durations_that_become_long_and_short(store: Store) {
        let (bad, good) = ((0, 10, StateType::Completed), (0, 1, StateType::Completed));
        fires_and_resolves(store, "duration", 5.0, ">", bad, good).await;
    }

    async fn lateness_that_grows_and_falls(store: Store) {
        let (bad, good) = ((20, 0, StateType::Completed), (1, 0, StateType::Completed));
        fires_and_resolves(store, "lateness", 10.0, ">", bad, good).await;
    }

    async fn runs_of_other_flows_are_not_measured_and_no_run_says_nothing(store: Store) {
        let world = World::new(store);
        automation(&world, "successes", 0.7, "<", "another").await;
        for _ in 0..8 {
            measured_run(&world, 0, 0, StateType::Failed).await;
            minute(&world).await;
        }
        world.wait(3_600);
        minute(&world).await;
        assert_eq!(told(&world).await, (vec![], 0));
    }

    async fn a_change_that_does_not_last_is_nothing(store: Store) {
        let world = World::new(store);
        automation(&world, "duration", 5.0, ">", "etl").await;
        for _ in 0..3 {
            // A long run alone in its range, then so many short ones that the average falls at once.
            measured_run(&world, 0, 10, StateType::Completed).await;
            minute(&world).await;
            minute(&world).await;
            for _ in 0..9 {
                measured_run(&world, 0, 0, StateType::Completed).await;
            }
            for _ in 0..6 {
                minute(&world).await;
            }
        }
        assert_eq!(told(&world).await, (vec![], 0));
    }
}
