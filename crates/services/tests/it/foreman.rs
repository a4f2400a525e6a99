use serde_json::json;
use sluice_store::{StoreError, work_pools, work_queues, workers};
use sluice_test_support::on_both_databases;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::work_pools::WorkPoolStatus;
use sluice_wire::work_queues::WorkQueueStatus;
use sluice_wire::workers::WorkerStatus;

use crate::support::World;

const WORKSPACE: WorkspaceId = WorkspaceId::DEFAULT;

async fn heartbeat(world: &World, interval_seconds: Option<i64>) {
    let outcome: Result<(), StoreError> = world
        .store
        .write((interval_seconds, world.now()), |tx, (interval, now)| {
            Box::pin(async move {
                let pool = match work_pools::read_by_name(tx, WORKSPACE, "pool").await? {
                    Some(pool) => pool,
                    None => {
                        let new = serde_json::from_value(json!({"name": "pool", "type": "process"}));
                        work_pools::create(tx, WORKSPACE, &new.expect("a pool"), *now).await?
                    }
                };
                let queues = work_queues::of_pool(tx, WORKSPACE, pool.id).await?;
                work_queues::mark_polled(tx, WORKSPACE, &queues, *now).await?;
                workers::heartbeat(tx, WORKSPACE, &pool, "worker", *interval, *now).await
            })
        })
        .await;
    outcome.expect("the heartbeat is noted");
}

async fn statuses(world: &World) -> (WorkPoolStatus, WorkQueueStatus, WorkerStatus) {
    let found: Result<_, StoreError> = world
        .store
        .read((), |tx, ()| {
            Box::pin(async move {
                let pool = work_pools::read_by_name(tx, WORKSPACE, "pool").await?.expect("the pool exists");
                let queue = work_queues::of_pool(tx, WORKSPACE, pool.id).await?.remove(0);
                let worker = workers::filter(tx, WORKSPACE, pool.id, None, 10, 0).await?.remove(0);
                Ok((pool.status.expect("a status"), queue.status.expect("a status"), worker.status))
            })
        })
        .await;
    found.expect("the statuses are read")
}

on_both_databases! {
    async fn a_silent_worker_goes_offline_and_its_pool_is_not_ready(store: Store) {
        let world = World::new(store);
        heartbeat(&world, Some(10)).await;
        let all_is_well = (WorkPoolStatus::Ready, WorkQueueStatus::Ready, WorkerStatus::Online);
        world.wait(29);
        world.run("foreman").await;
        assert_eq!(statuses(&world).await, all_is_well);
        world.wait(2);
        world.run("foreman").await;
        let (pool, _, worker) = statuses(&world).await;
        assert_eq!((pool, worker), (WorkPoolStatus::NotReady, WorkerStatus::Offline));
        heartbeat(&world, Some(10)).await;
        assert_eq!(statuses(&world).await, all_is_well, "the worker is back");
    }

    async fn a_worker_that_names_no_interval_is_heard_of_every_30_seconds(store: Store) {
        let world = World::new(store);
        heartbeat(&world, None).await;
        world.wait(89);
        world.run("foreman").await;
        assert_eq!(statuses(&world).await.2, WorkerStatus::Online);
        world.wait(2);
        world.run("foreman").await;
        assert_eq!(statuses(&world).await.2, WorkerStatus::Offline);
    }

    async fn a_queue_that_nobody_polls_is_not_ready(store: Store) {
        let world = World::new(store);
        heartbeat(&world, None).await;
        world.wait(61);
        world.run("foreman").await;
        assert_eq!(statuses(&world).await.1, WorkQueueStatus::NotReady);
    }
}
