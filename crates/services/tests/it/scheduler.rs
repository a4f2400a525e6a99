use serde_json::{Value, json};
use sluice_services::Next;
use sluice_store::{StoreError, deployments, flow_runs, flows};
use sluice_test_support::on_both_databases;
use sluice_wire::filters::RelatedFilters;
use sluice_wire::flow_runs::FlowRun;
use sluice_wire::ids::{DeploymentId, WorkspaceId};
use sluice_wire::sorting::FlowRunSort;
use sluice_wire::time::{TimeDelta, Timestamp};

use crate::support::World;

const WORKSPACE: WorkspaceId = WorkspaceId::DEFAULT;
const HOUR: i64 = 3_600;

/// Creates a deployment, or changes the one there is.
async fn deploy(world: &World, mut deployment: Value) -> DeploymentId {
    deployment["name"] = json!("nightly");
    let now = world.now();
    let created: Result<DeploymentId, StoreError> = world
        .store
        .write((deployment, now), |tx, (deployment, now)| {
            Box::pin(async move {
                let flow = serde_json::from_value(json!({"name": "etl"})).expect("a flow");
                let (flow, _) = flows::create(tx, WORKSPACE, &flow, *now).await?;
                let mut deployment = deployment.clone();
                deployment["flow_id"] = json!(flow.id);
                let create = serde_json::from_value(deployment).expect("a deployment");
                let (stored, _) = deployments::create(tx, WORKSPACE, &create, None, *now).await?;
                Ok(stored.deployment.id)
            })
        })
        .await;
    created.expect("the deployment is created")
}

/// A schedule of every so many seconds from the epoch on.
fn every(seconds: i64) -> Value {
    json!({"schedule": {"interval": seconds, "anchor_date": "1970-01-01T00:00:00Z", "timezone": "UTC"}})
}

async fn runs(world: &World) -> Vec<FlowRun> {
    let now = world.now();
    let found: Result<Vec<FlowRun>, StoreError> = world
        .store
        .read(now, |tx, now| {
            Box::pin(async move {
                let (filters, sort) = (RelatedFilters::default(), FlowRunSort::NextScheduledStartTimeAsc);
                flow_runs::filter(tx, WORKSPACE, &filters, sort, 200, 0, *now).await
            })
        })
        .await;
    found.expect("the runs are read")
}

fn dates(runs: &[FlowRun]) -> Vec<Timestamp> {
    runs.iter().filter_map(|run| run.next_scheduled_start_time).collect()
}

on_both_databases! {
    async fn a_new_deployment_gets_the_runs_of_its_schedules(store: Store) {
        let world = World::new(store);
        let mut schedule = every(24 * HOUR);
        schedule["parameters"] = json!({"b": 3});
        schedule["slug"] = json!("daily");
        let id = deploy(&world, json!({
            "schedules": [schedule], "parameters": {"a": 1, "b": 2}, "tags": ["t"], "labels": {"l": 1}, "version": "v1",
        })).await;
        assert_eq!(world.run("scheduler").await, Next::At(world.now() + TimeDelta::from_secs(2)));
        assert!(runs(&world).await.is_empty(), "changes settle first");
        world.wait(2);
        world.run("scheduler").await;
        let made = runs(&world).await;
        assert_eq!(made.len(), 3);
        let run = &made[0];
        assert_eq!(run.deployment_id, Some(id));
        assert_eq!(run.tags, ["auto-scheduled", "t"]);
        assert_eq!(run.parameters.parse::<Value>().expect("JSON"), json!({"a": 1, "b": 3}));
        assert_eq!((run.auto_scheduled, run.run_count, run.deployment_version.as_deref()), (true, 0, Some("v1")));
        let labels: Value = run.labels.parse().expect("JSON");
        assert_eq!(labels, json!({"l": 1, "prefect.flow.id": run.flow_id, "prefect.deployment.id": id}));
        let creator = run.created_by.clone().expect("a creator");
        assert_eq!((creator.r#type.as_deref(), creator.display_value.as_deref()), (Some("SCHEDULE"), Some("daily")));
        let state: Value = run.state.as_ref().expect("a state").parse().expect("JSON");
        assert_eq!((&state["type"], &state["message"]), (&json!("SCHEDULED"), &json!("Flow run scheduled")));
    }

    async fn runs_are_made_once_and_go_on_as_time_passes(store: Store) {
        let world = World::new(store);
        deploy(&world, json!({"schedules": [every(24 * HOUR)]})).await;
        world.wait(2);
        let Next::At(next) = world.run("scheduler").await else { panic!("the schedule is looked at again") };
        let first = dates(&runs(&world).await);
        assert_eq!(next, first[0], "when the first of three is due there are too few");
        world.run("scheduler").await;
        assert_eq!(dates(&runs(&world).await), first, "nothing is due, nothing is made");
        world.wait(next.since(world.now()).as_micros() / 1_000_000 + 1);
        world.run("scheduler").await;
        let second = dates(&runs(&world).await);
        assert_eq!(second.len(), 4);
        assert_eq!(second[..3], first);
    }

    async fn a_changed_deployment_gets_its_future_runs_anew(store: Store) {
        let world = World::new(store);
        deploy(&world, json!({"schedules": [every(24 * HOUR)], "parameters": {"a": 1}})).await;
        world.wait(2);
        world.run("scheduler").await;
        let before = runs(&world).await;
        deploy(&world, json!({"schedules": [every(24 * HOUR)], "parameters": {"a": 2}})).await;
        assert!(runs(&world).await.is_empty(), "what was made from the old values is gone");
        world.wait(2);
        world.run("scheduler").await;
        let after = runs(&world).await;
        assert_eq!(dates(&after), dates(&before));
        assert_eq!(after[0].parameters.parse::<Value>().expect("JSON"), json!({"a": 2}));
    }

    async fn what_is_paused_or_inactive_makes_no_runs(store: Store) {
        let world = World::new(store);
        let mut inactive = every(60);
        inactive["active"] = json!(false);
        deploy(&world, json!({"schedules": [inactive]})).await;
        world.wait(2);
        world.run("scheduler").await;
        assert!(runs(&world).await.is_empty());
        let id = deploy(&world, json!({"schedules": [every(60)]})).await;
        set_paused(&world, id, true).await;
        world.wait(2);
        world.run("scheduler").await;
        assert!(runs(&world).await.is_empty());
        set_paused(&world, id, false).await;
        world.wait(2);
        world.run("scheduler").await;
        assert_eq!(runs(&world).await.len(), 61, "an hour ahead, and at its end");
        set_paused(&world, id, true).await;
        assert!(runs(&world).await.is_empty());
    }
}

async fn set_paused(world: &World, id: DeploymentId, paused: bool) {
    let now = world.now();
    let exists = world
        .store
        .write((id, paused, now), |tx, (id, paused, now)| {
            Box::pin(deployments::set_paused(tx, WORKSPACE, *id, *paused, *now))
        })
        .await;
    assert!(exists.expect("the deployment is changed"));
}
