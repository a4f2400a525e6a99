//! What automations do, and that they do it once.

use serde_json::{Value, json};
use sluice_services::Next;
use sluice_store::automations::{self, actions};
use sluice_store::{StoreError, deployments, flow_runs, flows, outbox, work_pools, work_queues};
use sluice_test_support::on_both_databases;
use sluice_wire::automations::{AutomationCore, Firing, TriggerState, TriggeredAction};
use sluice_wire::events::{Event, Labels, ReceivedEvent};
use sluice_wire::filters::RelatedFilters;
use sluice_wire::flow_runs::FlowRun;
use sluice_wire::ids::{AutomationId, DeploymentId, FlowRunId, WorkspaceId};
use sluice_wire::incidents::IncidentStatus;
use sluice_wire::sorting::FlowRunSort;
use sluice_wire::states::StateType;
use uuid::Uuid;

use crate::support::World;

const WORKSPACE: WorkspaceId = WorkspaceId::DEFAULT;

pub(crate) async fn automation(world: &World, action: &Value) -> AutomationId {
    let core: AutomationCore = serde_json::from_value(
        json!({"name": "watch", "trigger": {"posture": "Reactive", "expect": ["a"]}, "actions": [action]}),
    )
    .expect("an automation");
    let created: Result<_, StoreError> = world
        .store
        .write((core, world.now()), |tx, (core, now)| {
            Box::pin(automations::create(tx, WORKSPACE, core, None, *now))
        })
        .await;
    created.expect("the automation is created").id
}

/// An event about a resource of this kind, such as `flow-run`.
pub(crate) fn event(world: &World, kind: &str, id: Uuid) -> ReceivedEvent {
    serde_json::from_value(json!({
        "occurred": world.now(), "received": world.now(), "event": "a",
        "resource": {"prefect.resource.id": format!("prefect.{kind}.{id}"), "prefect.resource.name": "n"},
        "related": [], "payload": {"list": [1, 2], "word": "x"}, "id": Uuid::now_v7(), "follows": null,
    }))
    .expect("an event")
}

/// Plans the first action of the automation, as if it had fired for the event.
pub(crate) async fn plan(world: &World, automation: AutomationId, event: Option<ReceivedEvent>) {
    let planned: Result<(), StoreError> = world
        .store
        .write((automation, event, world.now()), |tx, (automation, event, now)| {
            Box::pin(async move {
                let automation =
                    automations::read(tx, WORKSPACE, *automation).await?.expect("the automation exists");
                let action = TriggeredAction {
                    id: Uuid::now_v7(),
                    firing: Firing {
                        id: Uuid::now_v7(),
                        trigger_id: automation.core.trigger.id(),
                        trigger_states: vec![TriggerState::Triggered],
                        triggered: *now,
                        triggering_labels: Labels::new(),
                        triggering_firings: Vec::new(),
                        triggering_event: event.clone(),
                        triggering_value: None,
                    },
                    triggering_event: event.clone(),
                    action: automation.core.actions[0].clone(),
                    action_index: 0,
                    automation_triggered_event_id: None,
                    automation,
                };
                actions::insert(tx, WORKSPACE, &[action], *now).await
            })
        })
        .await;
    planned.expect("the action is planned");
}

/// Does what is planned; returns the event that tells of the end of the last action.
async fn work_off(world: &World) -> Event {
    while world.run("actions").await == Next::Again {}
    assert_eq!(world.run("actions").await, Next::Period);
    let told = world.store.read((), |tx, ()| Box::pin(outbox::take(tx, 1_000))).await.expect("the outbox");
    let ended = |event: &Event| {
        ["prefect.automation.action.executed", "prefect.automation.action.failed"]
            .contains(&event.event.as_str())
    };
    told.into_iter().map(|(_, _, event)| event).rfind(ended).expect("the action ended")
}

pub(crate) fn payload(event: &Event) -> Value {
    event.payload.parse().expect("JSON")
}

async fn deployment(world: &World) -> DeploymentId {
    let created: Result<_, StoreError> = world
        .store
        .write(world.now(), |tx, now| {
            Box::pin(async move {
                let flow = serde_json::from_value(json!({"name": "etl"})).expect("a flow");
                let (flow, _) = flows::create(tx, WORKSPACE, &flow, *now).await?;
                let new = serde_json::from_value(json!({
                    "name": "nightly", "flow_id": flow.id, "parameters": {"a": 1, "b": 1},
                }))
                .expect("a deployment");
                let (stored, _) = deployments::create(tx, WORKSPACE, &new, None, *now).await?;
                Ok(stored.deployment.id)
            })
        })
        .await;
    created.expect("the deployment is created")
}

async fn runs(world: &World) -> Vec<FlowRun> {
    let found = world
        .store
        .read(world.now(), |tx, now| {
            let filters = RelatedFilters::default();
            Box::pin(async move {
                flow_runs::filter(tx, WORKSPACE, &filters, FlowRunSort::IdDesc, 100, 0, *now).await
            })
        })
        .await;
    found.expect("the runs are read")
}

/// A flow run in a state.
async fn flow_run(world: &World, state: &str) -> FlowRunId {
    let id = deployment(world).await;
    let automation = automation(world, &json!({"type": "run-deployment", "deployment_id": id})).await;
    plan(world, automation, None).await;
    work_off(world).await;
    let run = runs(world).await[0].id;
    let change = json!({"type": "change-flow-run-state", "state": state, "force": true});
    let automation = super::actions::automation(world, &change).await;
    plan(world, automation, Some(event(world, "flow-run", run.0))).await;
    assert_eq!(payload(&work_off(world).await)["status_code"], 201);
    run
}

on_both_databases! {
    async fn a_deployment_is_run_once_with_made_parameters(store: Store) {
        let world = World::new(store);
        let id = deployment(&world).await;
        let automation = automation(&world, &json!({
            "type": "run-deployment", "deployment_id": id, "schedule_after": 60,
            "parameters": {
                "b": "{{ event.payload.list }}", "text": "from {{ event.resource.name }} by {{ automation.name }}",
                "flow": "{{ flow.name }}", "made": {"__prefect_kind": "json", "value": "{\"x\": 1}"},
            },
        })).await;
        plan(&world, automation, Some(event(&world, "thing", Uuid::now_v7()))).await;
        let told = work_off(&world).await;
        assert_eq!(told.event, "prefect.automation.action.executed");
        let runs = runs(&world).await;
        assert_eq!(runs.len(), 1);
        let parameters: Value = runs[0].parameters.parse().expect("JSON");
        assert_eq!(parameters, json!({"a": 1, "b": [1, 2], "text": "from n by watch", "flow": null, "made": {"x": 1}}));
        assert_eq!(runs[0].created_by.as_ref().and_then(|by| by.id), Some(automation.0));
        assert_eq!(runs[0].expected_start_time.expect("scheduled").since(world.now()).as_secs_f64(), 60.0);
        let payload = payload(&told);
        assert_eq!((&payload["action_type"], &payload["status_code"]), (&json!("run-deployment"), &json!(201)));
        let roles: Vec<&str> = told.related.iter().map(|labels| labels["prefect.resource.role"].as_str()).collect();
        assert_eq!(roles, ["target", "flow-run", "triggering-event"]);
        assert!(told.follows.is_some());
    }

    async fn failures_are_told_and_leave_nothing(store: Store) {
        let world = World::new(store);
        let missing = "7a1f6f63-7a33-4c4e-8b74-1fb0a1ec0a51";
        let stored = deployment(&world).await;
        let cases = [
            (json!({"type": "run-deployment", "deployment_id": missing}), None, "Unexpected status from 'run-deployment' action: 404"),
            (json!({"type": "run-deployment", "source": "inferred"}), None, "No event to infer the deployment"),
            (json!({"type": "pause-deployment", "source": "inferred"}), Some("flow-run"), "No deployment could be inferred"),
            (json!({"type": "run-deployment", "deployment_id": stored, "parameters": {"a": "{{ range(200) }}"}}), None, "Range too big"),
            (json!({"type": "pause-work-pool", "work_pool_id": missing}), None, "not found"),
            (json!({"type": "resume-work-queue", "work_queue_id": missing}), None, "'resume-work-queue' action: 404"),
            (json!({"type": "pause-automation", "automation_id": missing}), None, "'pause-automation' action: 404"),
            (json!({"type": "cancel-flow-run"}), Some("flow-run"), "'cancel-flow-run' action: 404"),
            (json!({"type": "delete-flow-run"}), Some("deployment"), "No flow run could be inferred"),
            (json!({"type": "resume-flow-run"}), Some("flow-run"), "'resume-flow-run' action: 404"),
        ];
        for (action, kind, expected) in cases {
            let automation = automation(&world, &action).await;
            let event = kind.map(|kind| event(&world, kind, Uuid::now_v7()));
            plan(&world, automation, event).await;
            let told = work_off(&world).await;
            let payload = payload(&told);
            let reason = payload["reason"].as_str().unwrap_or_default();
            assert!(told.event.ends_with("failed") && reason.contains(expected), "{action}: {payload}");
            let has_target = told.related.iter().any(|labels| labels["prefect.resource.role"] == "target");
            let names_none = reason.contains("infer") || reason.contains("not found");
            assert_eq!(has_target, !names_none, "{action}: {:?}", told.related);
            world.wait(1);
        }
        assert!(runs(&world).await.is_empty());
    }

    /// A run without a process is cancelled at once: that is another state than the action asks for, so the action counts
    /// as failed, but the run stays cancelled.
    async fn a_state_that_the_rules_put_in_the_place_of_another_stays(store: Store) {
        let world = World::new(store);
        let id = deployment(&world).await;
        let making = automation(&world, &json!({"type": "run-deployment", "deployment_id": id})).await;
        plan(&world, making, None).await;
        work_off(&world).await;
        let run = runs(&world).await[0].id;
        world.wait(1);
        let cancelling = automation(&world, &json!({"type": "cancel-flow-run"})).await;
        plan(&world, cancelling, Some(event(&world, "flow-run", run.0))).await;
        let told = work_off(&world).await;
        assert!(told.event.ends_with("failed"));
        let payload = payload(&told);
        assert_eq!(payload["reason"], "Failed to set state: Scheduled flow run has no infrastructure to terminate.");
        assert_eq!(payload["status_code"], 201);
        assert_eq!(runs(&world).await[0].state_type, Some(StateType::Cancelled));
    }

    async fn flow_runs_change_their_state(store: Store) {
        let world = World::new(store);
        let run = flow_run(&world, "RUNNING").await;
        for (action, state, name) in [
            (json!({"type": "suspend-flow-run"}), "PAUSED", "Suspended"),
            (json!({"type": "resume-flow-run"}), "SCHEDULED", "Resuming"),
            (json!({"type": "change-flow-run-state", "state": "RUNNING", "name": "Walking", "force": true}), "RUNNING", "Walking"),
            (json!({"type": "cancel-flow-run"}), "CANCELLING", "Cancelling"),
        ] {
            world.wait(1);
            let automation = automation(&world, &action).await;
            plan(&world, automation, Some(event(&world, "flow-run", run.0))).await;
            let told = work_off(&world).await;
            assert!(told.event.ends_with("executed"), "{action}: {}", payload(&told));
            let found = runs(&world).await.into_iter().find(|found| found.id == run).expect("the run");
            let found_state: Value = found.state.expect("a state").parse().expect("JSON");
            assert_eq!((&found_state["type"], &found_state["name"]), (&json!(state), &json!(name)), "{action}");
        }
        let automation = automation(&world, &json!({"type": "delete-flow-run"})).await;
        plan(&world, automation, Some(event(&world, "flow-run", run.0))).await;
        assert_eq!(payload(&work_off(&world).await)["status_code"], 204);
        assert!(runs(&world).await.is_empty());
    }

    async fn things_are_paused_and_resumed(store: Store) {
        let world = World::new(store);
        let deployment = deployment(&world).await;
        let other = automation(&world, &json!({"type": "do-nothing"})).await;
        let (pool, queue) = world.store.write(world.now(), |tx, now| Box::pin(async move {
            let new = serde_json::from_value(json!({"name": "p", "type": "process"})).expect("a pool");
            let pool = work_pools::create(tx, WORKSPACE, &new, *now).await?;
            let queue = pool.default_queue_id.expect("a queue");
            Ok::<_, StoreError>((pool.id, queue))
        })).await.expect("the pool is created");
        for is_paused in [true, false] {
            let verb = if is_paused { "pause" } else { "resume" };
            for (action, kind, id) in [
                (json!({"type": format!("{verb}-deployment"), "source": "inferred"}), "deployment", deployment.0),
                (json!({"type": format!("{verb}-work-pool"), "work_pool_id": pool}), "x", pool.0),
                (json!({"type": format!("{verb}-work-queue"), "source": "inferred"}), "work-queue", queue.0),
                (json!({"type": format!("{verb}-automation"), "automation_id": other}), "x", other.0),
            ] {
                let automation = automation(&world, &action).await;
                plan(&world, automation, Some(event(&world, kind, id))).await;
                let told = work_off(&world).await;
                assert!(told.event.ends_with("executed"), "{action}: {}", payload(&told));
                world.wait(1);
            }
            let found = world.store.read((deployment, pool, queue, other), |tx, (deployment, pool, queue, other)| Box::pin(async move {
                Ok::<_, StoreError>([
                    deployments::read(tx, WORKSPACE, *deployment).await?.expect("exists").deployment.paused,
                    work_pools::read(tx, WORKSPACE, *pool).await?.expect("exists").is_paused,
                    work_queues::read(tx, WORKSPACE, *queue).await?.expect("exists").is_paused,
                    !automations::read(tx, WORKSPACE, *other).await?.expect("exists").core.enabled,
                ])
            })).await.expect("they are read");
            assert_eq!(found, [is_paused; 4]);
        }
    }

    async fn an_incident_is_stored_and_told_of(store: Store) {
        let world = World::new(store);
        let automation = automation(&world, &json!({"type": "declare-incident"})).await;
        plan(&world, automation, Some(event(&world, "flow-run", Uuid::now_v7()))).await;
        let told = work_off(&world).await;
        assert!(told.event.ends_with("executed"));
        assert!(told.related[0]["prefect.resource.id"].starts_with("prefect.incident."));
        let found = world.store.read((), |tx, ()| Box::pin(sluice_store::incidents::filter(tx, WORKSPACE, None, 10, 0))).await;
        let found = found.expect("read");
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].name.as_str(), found[0].status), ("watch", IncidentStatus::Open));
        assert_eq!(found[0].automation_id, Some(automation));
    }
}
