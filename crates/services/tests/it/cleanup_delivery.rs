use serde_json::json;
use sluice_store::cleanup_messages::{NewCleanupMessage, Reservation, ReserveFor, enqueue, reserve, settle};
use sluice_store::{StoreError, work_pools};
use sluice_test_support::on_both_databases;
use sluice_wire::ids::{FlowRunId, WorkPoolId, WorkQueueId, WorkspaceId};
use sluice_wire::worker_channel::{CleanupKind, CleanupOperation, CleanupReference, CleanupStatus};

use crate::support::World;

const WORKSPACE: WorkspaceId = WorkspaceId::DEFAULT;

/// A pool with one message for its queue.
async fn pool_with_message(world: &World) -> (WorkPoolId, WorkQueueId) {
    let made: Result<_, StoreError> = world
        .store
        .write(world.now(), |tx, now| {
            Box::pin(async move {
                let new = serde_json::from_value(json!({"name": "pool", "type": "process"}));
                let pool = work_pools::create(tx, WORKSPACE, &new.expect("a pool"), *now).await?;
                let queue = pool.default_queue_id.expect("a queue");
                let message = NewCleanupMessage {
                    idempotency_key: "key".to_owned(),
                    work_pool_id: pool.id,
                    work_queue_id: Some(queue),
                    flow_run_id: FlowRunId::random(),
                    kind: CleanupKind::CancellingTimeoutTeardown,
                    infrastructure_pid: None,
                };
                assert!(enqueue(tx, WORKSPACE, &message, *now).await?);
                assert!(!enqueue(tx, WORKSPACE, &message, *now).await?, "the key is taken");
                Ok((pool.id, queue))
            })
        })
        .await;
    made.expect("the pool and its message are stored")
}

async fn take(
    world: &World,
    pool: WorkPoolId,
    queue: Option<WorkQueueId>,
    consumer: &str,
) -> Option<Reservation> {
    let worker = ReserveFor {
        work_pool_id: pool,
        work_queue_ids: queue.into_iter().collect(),
        kinds: vec![CleanupKind::CancellingTimeoutTeardown],
        consumer: consumer.to_owned(),
        max_concurrency: 1,
    };
    let reserved: Result<_, StoreError> = world
        .store
        .write((worker, world.now()), |tx, (worker, now)| Box::pin(reserve(tx, WORKSPACE, worker, *now)))
        .await;
    reserved.expect("a message is asked for")
}

async fn say(
    world: &World,
    pool: WorkPoolId,
    operation: CleanupOperation,
    reservation: &Reservation,
) -> CleanupStatus {
    let message = CleanupReference {
        message_id: reservation.message_id,
        reservation_token: reservation.token.to_string(),
    };
    let settled: Result<_, StoreError> = world
        .store
        .write((pool, operation, message, world.now()), |tx, (pool, operation, message, now)| {
            Box::pin(settle(tx, WORKSPACE, *pool, *operation, message, *now))
        })
        .await;
    settled.expect("the answer is stored").status
}

on_both_databases! {
    async fn a_message_comes_again_until_it_was_delivered_three_times(store: Store) {
        let world = World::new(store);
        let (pool, queue) = pool_with_message(&world).await;
        for delivery in 1..=3 {
            let taken = take(&world, pool, Some(queue), "a").await.expect("the message waits");
            assert_eq!(taken.delivery_count, delivery);
            assert_eq!(take(&world, pool, Some(queue), "b").await, None, "one worker at a time");
            world.wait(29);
            world.run("cleanup_delivery").await;
            assert_eq!(take(&world, pool, Some(queue), "b").await, None, "the lease lasts 30 seconds");
            world.wait(2);
            world.run("cleanup_delivery").await;
            let expected = if delivery == 3 { CleanupStatus::NotFound } else { CleanupStatus::NotCurrent };
            assert_eq!(say(&world, pool, CleanupOperation::Ack, &taken).await, expected);
        }
        assert_eq!(take(&world, pool, Some(queue), "a").await, None, "nobody is asked any more");
    }

    async fn a_renewed_message_stays_and_a_released_one_is_free(store: Store) {
        let world = World::new(store);
        let (pool, queue) = pool_with_message(&world).await;
        let taken = take(&world, pool, Some(queue), "a").await.expect("the message waits");
        world.wait(20);
        assert_eq!(say(&world, pool, CleanupOperation::Renew, &taken).await, CleanupStatus::Accepted);
        world.wait(20);
        world.run("cleanup_delivery").await;
        assert_eq!(take(&world, pool, Some(queue), "b").await, None);
        assert_eq!(say(&world, pool, CleanupOperation::Release, &taken).await, CleanupStatus::Accepted);
        let second = take(&world, pool, Some(queue), "b").await.expect("the message is free");
        assert_eq!(say(&world, pool, CleanupOperation::Ack, &taken).await, CleanupStatus::InvalidToken);
        world.wait(31);
        assert_eq!(say(&world, pool, CleanupOperation::Ack, &second).await, CleanupStatus::Expired);
        let third = take(&world, pool, Some(queue), "b").await.expect("the message is free");
        assert_eq!(say(&world, pool, CleanupOperation::Release, &third).await, CleanupStatus::DeadLettered);
    }

    async fn workers_of_other_queues_come_second(store: Store) {
        let world = World::new(store);
        let (pool, _) = pool_with_message(&world).await;
        assert_eq!(take(&world, pool, None, "other").await, None);
        world.wait(1);
        assert!(take(&world, pool, None, "other").await.is_some());
    }
}
