//! Every run of the service here has a new memory, as after a crash.

use serde_json::{Value, json};
use sluice_services::Next;
use sluice_store::automations::{self, actions};
use sluice_store::events::{self, NewEvent};
use sluice_store::{Database, StoreError, outbox};
use sluice_test_support::on_both_databases;
use sluice_wire::automations::{AutomationCore, TriggeredAction};
use sluice_wire::events::ReceivedEvent;
use sluice_wire::ids::{AutomationId, WorkspaceId};
use sluice_wire::json::RawJson;
use sluice_wire::time::TimeDelta;
use uuid::Uuid;

use crate::support::World;

const WORKSPACE: WorkspaceId = WorkspaceId::DEFAULT;

async fn automation(world: &World, trigger: Value) -> AutomationId {
    // The service notes where events begin before anybody waits for them.
    world.run("triggers").await;
    let core: AutomationCore =
        serde_json::from_value(json!({"name": "a", "trigger": trigger, "actions": [{"type": "do-nothing"}]}))
            .expect("an automation");
    let created: Result<_, StoreError> = world
        .store
        .write((core, world.now()), |tx, (core, now)| {
            Box::pin(automations::create(tx, WORKSPACE, core, None, *now))
        })
        .await;
    created.expect("the automation is created").id
}

fn event(world: &World, name: &str, resource: &str, follows: Option<Uuid>) -> ReceivedEvent {
    serde_json::from_value(json!({
        "occurred": world.now(), "received": world.now(), "event": name,
        "resource": {"prefect.resource.id": resource}, "related": [], "payload": {"n": 1},
        "id": Uuid::now_v7(), "follows": follows,
    }))
    .expect("an event")
}

async fn store_event(world: &World, event: &ReceivedEvent) {
    let row = NewEvent::new(WORKSPACE, event, 1);
    let stored: Result<_, StoreError> = world
        .store
        .write_to(Database::Telemetry, row, |tx, row| Box::pin(events::insert(tx, vec![row])))
        .await;
    stored.expect("the event is stored");
    // PostgreSQL hands out what is stored when transactions that began before are over, also those of other tests.
    loop {
        let id = event.id;
        let (positions, latest) = world
            .store
            .read_from(Database::Telemetry, id, |tx, id| {
                Box::pin(async move {
                    let positions = events::positions(tx, &[*id]).await?;
                    Ok::<_, StoreError>((positions, events::latest_arrival(tx).await?))
                })
            })
            .await
            .expect("the position is read");
        if latest >= positions[&id] {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

async fn send(world: &World, name: &str, resource: &str) {
    store_event(world, &event(world, name, resource, None)).await;
}

/// Runs the service until it has nothing left to do at once.
pub(crate) async fn settle(world: &World) {
    while world.run("triggers").await == Next::Again {}
}

pub(crate) async fn fired(world: &World) -> Vec<TriggeredAction> {
    let due = world
        .store
        .read(world.now() + TimeDelta::from_secs(1), |tx, now| Box::pin(actions::due(tx, *now, 1_000)))
        .await;
    let due = due.expect("the actions are read").into_iter();
    due.map(|row| row.expect("it can be read").action).collect()
}

fn resources(actions: &[TriggeredAction]) -> Vec<&str> {
    actions
        .iter()
        .map(|action| action.triggering_event.as_ref().map_or("", |event| event.resource_id()))
        .collect()
}

on_both_databases! {
    async fn an_event_fires_once_however_often_the_service_starts(store: Store) {
        let world = World::new(store);
        send(&world, "it.happened", "before").await;
        let id = automation(&world, json!({"posture": "Reactive", "expect": ["it.*"]})).await;
        send(&world, "it.happened", "first").await;
        send(&world, "something.else", "other").await;
        settle(&world).await;
        settle(&world).await;
        let actions = fired(&world).await;
        assert_eq!(resources(&actions), ["first"]);
        assert_eq!((actions[0].automation.id, actions[0].action_index), (id, 0));

        let told = world.store.read((), |tx, ()| Box::pin(outbox::take(tx, 10))).await.expect("the outbox");
        let told = told.into_iter().map(|(_, _, event)| event).find(|event| event.event == "prefect.automation.triggered");
        let told = told.expect("the firing is told of");
        assert_eq!(told.resource["prefect.posture"], "Reactive");
        assert_eq!(told.related[0]["prefect.resource.role"], "triggering-event");
        assert_eq!(Some(told.id), actions[0].automation_triggered_event_id);
        let payload: Value = told.payload.parse().expect("JSON");
        assert_eq!(payload["triggering_event"]["resource"]["prefect.resource.id"], "first");

        send(&world, "it.happened", "second").await;
        settle(&world).await;
        assert_eq!(resources(&fired(&world).await), ["first", "second"]);
    }

    /// A client may send what PostgreSQL keeps in no JSON. No automation stands still for it.
    async fn odd_characters_in_a_payload_stop_nothing(store: Store) {
        let world = World::new(store);
        automation(&world, json!({"posture": "Reactive", "expect": ["now"]})).await;
        automation(&world, json!({"posture": "Reactive", "expect": ["twice"], "threshold": 2, "within": 60})).await;
        for name in ["now", "twice", "twice"] {
            let mut odd = event(&world, name, name, None);
            odd.payload = RawJson::from_text(r#"{"nul\u0000": "\u0000", "half": "\ud83d"}"#.to_owned()).expect("JSON");
            store_event(&world, &odd).await;
        }
        settle(&world).await;
        let actions = fired(&world).await;
        assert_eq!(resources(&actions), ["now", "twice"]);
        let payload = |action: &TriggeredAction| {
            let event = action.triggering_event.as_ref().expect("an event");
            event.payload.parse::<Value>().expect("JSON")
        };
        assert_eq!(payload(&actions[0]), json!({"nul": "", "half": "\u{FFFD}"}));
    }

    async fn windows_are_kept_for_each_value_of_a_label(store: Store) {
        let world = World::new(store);
        automation(&world, json!({"posture": "Reactive", "expect": ["a"], "threshold": 2, "within": 60,
            "for_each": ["prefect.resource.id"]})).await;
        for resource in ["x", "y", "x", "x"] {
            send(&world, "a", resource).await;
            settle(&world).await;
            world.wait(1);
        }
        let actions = fired(&world).await;
        assert_eq!(resources(&actions), ["x"]);
        assert_eq!(actions[0].firing.triggering_labels["prefect.resource.id"], "x");
    }

    async fn what_does_not_come_is_noticed(store: Store) {
        let world = World::new(store);
        automation(&world, json!({"posture": "Proactive", "after": ["start"], "expect": ["end"], "within": 30,
            "for_each": ["prefect.resource.id"]})).await;
        for resource in ["slow", "quick"] {
            send(&world, "start", resource).await;
        }
        settle(&world).await;
        world.wait(10);
        send(&world, "end", "quick").await;
        settle(&world).await;
        world.wait(19);
        settle(&world).await;
        assert!(fired(&world).await.is_empty());
        world.wait(2);
        settle(&world).await;
        world.wait(100);
        settle(&world).await;
        assert_eq!(resources(&fired(&world).await), ["slow"]);
    }

    async fn silence_fires_in_every_window(store: Store) {
        let world = World::new(store);
        automation(&world, json!({"posture": "Proactive", "expect": ["beat"], "within": 10})).await;
        settle(&world).await;
        for expected in [1, 2] {
            world.wait(10);
            settle(&world).await;
            settle(&world).await;
            assert_eq!(fired(&world).await.len(), expected);
        }
        send(&world, "beat", "x").await;
        settle(&world).await;
        world.wait(9);
        settle(&world).await;
        assert_eq!(fired(&world).await.len(), 2);
    }

    async fn sequences_remember_their_parts(store: Store) {
        let world = World::new(store);
        let part = |name: &str| json!({"posture": "Reactive", "expect": [name]});
        automation(&world, json!({"within": 60, "triggers": [part("a"), part("b"), part("c")]})).await;
        for name in ["a", "b", "c", "c", "b", "a"] {
            send(&world, name, name).await;
            settle(&world).await;
            world.wait(1);
        }
        let actions = fired(&world).await;
        assert_eq!(resources(&actions), ["c"]);
        assert_eq!(actions[0].firing.all_events().len(), 4);
    }

    async fn an_event_waits_for_the_one_it_follows(store: Store) {
        let world = World::new(store);
        automation(&world, json!({"posture": "Reactive", "after": ["start"], "expect": ["end"], "within": 60})).await;
        let start = event(&world, "start", "x", None);
        let end = event(&world, "end", "x", Some(start.id.0));
        store_event(&world, &end).await;
        settle(&world).await;
        assert!(fired(&world).await.is_empty());
        store_event(&world, &start).await;
        settle(&world).await;
        assert_eq!(fired(&world).await.len(), 1);
    }

    async fn an_event_whose_leader_is_lost_is_counted_later(store: Store) {
        let world = World::new(store);
        automation(&world, json!({"posture": "Reactive", "expect": ["end"]})).await;
        store_event(&world, &event(&world, "end", "x", Some(Uuid::now_v7()))).await;
        settle(&world).await;
        world.wait(890);
        settle(&world).await;
        assert!(fired(&world).await.is_empty());
        world.wait(20);
        settle(&world).await;
        settle(&world).await;
        assert_eq!(fired(&world).await.len(), 1);
    }

    async fn a_paused_automation_does_not_fire(store: Store) {
        let world = World::new(store);
        let id = automation(&world, json!({"posture": "Reactive", "expect": ["a"]})).await;
        let paused: Result<(), StoreError> = world.store.write((id, world.now()), |tx, (id, now)| Box::pin(async move {
            let automation = automations::read(tx, WORKSPACE, *id).await?.expect("it exists");
            automations::set_enabled(tx, WORKSPACE, automation, false, *now).await
        })).await;
        paused.expect("it is paused");
        send(&world, "a", "x").await;
        settle(&world).await;
        assert!(fired(&world).await.is_empty());
    }
}
