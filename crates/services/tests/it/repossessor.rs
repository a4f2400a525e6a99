use serde_json::json;
use sluice_orchestration::slots;
use sluice_store::StoreError;
use sluice_store::concurrency_leases::{self, NewLease};
use sluice_store::concurrency_limits::{self, Key};
use sluice_test_support::on_both_databases;
use sluice_wire::ids::{LeaseId, WorkspaceId};
use sluice_wire::time::TimeDelta;

use crate::support::World;

const WORKSPACE: WorkspaceId = WorkspaceId::DEFAULT;

/// Takes the one slot of the limit "a" under a lease of 60 seconds.
async fn hold_the_slot(world: &World) -> LeaseId {
    let lease = LeaseId::random();
    let now = world.now();
    let held: Result<(), StoreError> = world
        .store
        .write((lease, now), |tx, (lease, now)| {
            Box::pin(async move {
                let new = serde_json::from_value(json!({"name": "a", "limit": 1})).expect("a limit");
                let row = concurrency_limits::create(tx, WORKSPACE, &new, *now).await?;
                let counters =
                    slots::acquire(&[&row.limit], 1, *now, &Default::default()).expect("a slot is free");
                concurrency_limits::write_counters(tx, WORKSPACE, row.limit.id, &counters[0]).await?;
                let lease = NewLease {
                    id: *lease,
                    limits: vec![row.limit.id],
                    slots: 1,
                    holder: None,
                    expires: *now + TimeDelta::from_secs(60),
                };
                concurrency_leases::create(tx, WORKSPACE, &lease, *now).await
            })
        })
        .await;
    held.expect("the slot is held");
    lease
}

async fn slots_taken(world: &World) -> i64 {
    let key = Key::Name("a".to_owned());
    let row = world.store.read(key, |tx, key| Box::pin(concurrency_limits::read(tx, WORKSPACE, key))).await;
    row.expect("the limit is read").expect("the limit exists").limit.counters.active_slots
}

on_both_databases! {
    async fn a_lease_that_nobody_renewed_gives_its_slot_back(store: Store) {
        let world = World::new(store);
        hold_the_slot(&world).await;
        world.wait(59);
        world.run("repossessor").await;
        assert_eq!(slots_taken(&world).await, 1, "the lease still holds");
        world.wait(2);
        world.run("repossessor").await;
        assert_eq!(slots_taken(&world).await, 0);
        world.run("repossessor").await;
        assert_eq!(slots_taken(&world).await, 0, "slots are given back once");
    }

    async fn a_lease_that_was_renewed_keeps_its_slot(store: Store) {
        let world = World::new(store);
        let lease = hold_the_slot(&world).await;
        let renewed = world
            .store
            .write((lease, world.now() + TimeDelta::from_secs(600)), |tx, (lease, expires)| {
                Box::pin(concurrency_leases::renew(tx, WORKSPACE, *lease, *expires))
            })
            .await;
        assert!(renewed.expect("the lease is renewed"));
        world.wait(300);
        world.run("repossessor").await;
        assert_eq!(slots_taken(&world).await, 1);
    }
}
