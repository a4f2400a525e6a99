use sluice_services::{Next, ServiceSettings};
use sluice_store::StoreError;
use sluice_store::incidents::{self, NewIncident};
use sluice_test_support::on_both_databases;
use sluice_wire::ids::{IncidentId, WorkspaceId};
use sluice_wire::incidents::{IncidentStatus, IncidentUpdate, Severity};
use sluice_wire::time::TimeDelta;

use crate::support::World;

const DAY: i64 = 86_400;

/// Declares an incident long ago and changes its status so many seconds ago.
async fn declare(world: &World, workspace: WorkspaceId, status: IncidentStatus, age: i64) {
    let incident = NewIncident {
        id: IncidentId::sequential(),
        name: "disk full".to_owned(),
        summary: String::new(),
        severity: Severity::Moderate,
        automation_id: None,
        resources: Vec::new(),
        triggering_event_id: None,
    };
    // That it is open already is no change: its summary is one.
    let update =
        IncidentUpdate { status: Some(status), summary: Some("seen".to_owned()), ..Default::default() };
    let (declared, changed) =
        (world.now() - TimeDelta::from_secs(1_000 * DAY), world.now() - TimeDelta::from_secs(age));
    let stored: Result<(), StoreError> = world
        .store
        .write(
            (workspace, incident, update, declared, changed),
            |tx, (workspace, incident, update, declared, changed)| {
                Box::pin(async move {
                    incidents::create(tx, *workspace, incident, *declared).await?;
                    incidents::update(tx, *workspace, incident.id, update, *changed).await?;
                    Ok(())
                })
            },
        )
        .await;
    stored.expect("the incident is stored");
}

async fn count(world: &World, workspace: WorkspaceId) -> i64 {
    let counted: Result<_, StoreError> =
        world.store.read(workspace, |tx, workspace| Box::pin(incidents::count(tx, *workspace, None))).await;
    counted.expect("the incidents are counted")
}

fn kept_for_thirty_days(retention_batch: i64) -> ServiceSettings {
    let incident_retention = Some(TimeDelta::from_secs(30 * DAY));
    ServiceSettings { incident_retention, retention_batch, ..Default::default() }
}

on_both_databases! {
    async fn nothing_goes_unless_it_is_asked_for(store: Store) {
        let world = World::new(store);
        declare(&world, WorkspaceId::DEFAULT, IncidentStatus::Resolved, 900 * DAY).await;
        assert_eq!(world.run("incident_retention").await, Next::Period);
        assert_eq!(count(&world, WorkspaceId::DEFAULT).await, 1);
    }

    async fn what_was_resolved_long_ago_goes_in_every_workspace(store: Store) {
        let mut world = World::new(store);
        world.settings = kept_for_thirty_days(1_000).into();
        let other = WorkspaceId::random();
        for workspace in [WorkspaceId::DEFAULT, other] {
            declare(&world, workspace, IncidentStatus::Resolved, 31 * DAY).await;
            declare(&world, workspace, IncidentStatus::Resolved, 29 * DAY).await;
            declare(&world, workspace, IncidentStatus::Open, 31 * DAY).await;
        }
        assert_eq!(world.run("incident_retention").await, Next::Period);
        for workspace in [WorkspaceId::DEFAULT, other] {
            assert_eq!(count(&world, workspace).await, 2);
        }
    }

    async fn a_round_deletes_one_batch_and_asks_for_the_next(store: Store) {
        let mut world = World::new(store);
        world.settings = kept_for_thirty_days(2).into();
        for age in [31, 32, 33] {
            declare(&world, WorkspaceId::DEFAULT, IncidentStatus::Resolved, age * DAY).await;
        }
        assert_eq!(world.run("incident_retention").await, Next::Again);
        assert_eq!(count(&world, WorkspaceId::DEFAULT).await, 1);
        assert_eq!(world.run("incident_retention").await, Next::Period);
        assert_eq!(count(&world, WorkspaceId::DEFAULT).await, 0);
    }
}
