use serde_json::json;
use sluice_services::Next;
use sluice_store::events::{self, EventPage, NewEvent};
use sluice_store::{Database, StoreError};
use sluice_test_support::on_both_databases;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::time::{TimeDelta, Timestamp};
use uuid::Uuid;

use crate::support::World;

const DAY: i64 = 86_400;

/// Stores an event of this workspace that occurred so many seconds ago.
async fn store_event(world: &World, workspace: WorkspaceId, age: i64) {
    let occurred = world.now() - TimeDelta::from_secs(age);
    let event = serde_json::from_value(json!({
        "occurred": occurred, "event": "e", "resource": {"prefect.resource.id": "r"}, "id": Uuid::now_v7(),
        "received": occurred,
    }))
    .expect("an event");
    let row = NewEvent::new(workspace, &event, 1);
    let stored: Result<_, StoreError> = world
        .store
        .write_to(Database::Telemetry, row, |tx, row| Box::pin(events::insert(tx, vec![row])))
        .await;
    stored.expect("the event is stored");
}

async fn occurred(world: &World, workspace: WorkspaceId) -> Vec<Timestamp> {
    let page = EventPage { limit: 100, ..EventPage::default() };
    let found: Result<_, StoreError> = world
        .store
        .read_from(Database::Telemetry, (workspace, page), |tx, (workspace, page)| {
            Box::pin(async move { events::read(tx, *workspace, &Default::default(), *page).await })
        })
        .await;
    found.expect("the events are read").into_iter().map(|event| event.occurred).collect()
}

on_both_databases! {
    async fn events_are_kept_for_seven_days_in_every_workspace(store: Store) {
        let world = World::new(store);
        let other = WorkspaceId::random();
        for workspace in [WorkspaceId::DEFAULT, other] {
            for age in [DAY, 7 * DAY - 1, 7 * DAY + 1, 30 * DAY] {
                store_event(&world, workspace, age).await;
            }
        }
        assert_eq!(world.run("event_retention").await, Next::Period);
        for workspace in [WorkspaceId::DEFAULT, other] {
            assert_eq!(occurred(&world, workspace).await.len(), 2);
        }
        world.wait(2);
        world.run("event_retention").await;
        assert_eq!(occurred(&world, other).await, [world.now() - TimeDelta::from_secs(DAY + 2)]);
    }

    async fn a_round_deletes_one_batch_and_asks_for_the_next(store: Store) {
        let mut world = World::new(store);
        world.settings = sluice_services::ServiceSettings { retention_batch: 2, ..Default::default() }.into();
        for age in [8, 9, 10] {
            store_event(&world, WorkspaceId::DEFAULT, age * DAY).await;
        }
        assert_eq!(world.run("event_retention").await, Next::Again);
        assert_eq!(occurred(&world, WorkspaceId::DEFAULT).await, [world.now() - TimeDelta::from_secs(8 * DAY)]);
        assert_eq!(world.run("event_retention").await, Next::Period);
        assert!(occurred(&world, WorkspaceId::DEFAULT).await.is_empty());
    }
}
