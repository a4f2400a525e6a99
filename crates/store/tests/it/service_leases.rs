use sluice_store::service_leases::{self, Acquire, Fence};
use sluice_store::{Result, Store};
use sluice_test_support::on_both_databases;
use sluice_wire::time::{TimeDelta, Timestamp};
use uuid::Uuid;

async fn acquire(store: &Store, holder: Uuid, now: Timestamp) -> Option<Fence> {
    let request = Acquire { service: "scheduler", holder, ttl: TimeDelta::from_secs(10), take_over: false };
    store
        .write((request, now), |tx, (request, now)| Box::pin(service_leases::acquire(tx, request, *now)))
        .await
        .expect("the lease is asked for")
}

async fn check(store: &Store, fence: &Fence) -> Result<()> {
    store.write(fence.clone(), |tx, fence| Box::pin(service_leases::check(tx, fence))).await
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::EPOCH + TimeDelta::from_secs(seconds)
}

on_both_databases! {
    async fn a_lease_changes_hands_when_it_ends_and_fences_the_old_holder(store: Store) {
        let (first, second) = (Uuid::new_v4(), Uuid::new_v4());
        let old = acquire(&store, first, at(100)).await.expect("nobody has it");
        assert_eq!(acquire(&store, second, at(105)).await, None);
        assert_eq!(acquire(&store, first, at(106)).await, Some(old.clone()), "renewing keeps the epoch");
        check(&store, &old).await.expect("the holder may write");

        let new = acquire(&store, second, at(117)).await.expect("the lease has ended");
        assert_eq!(new.epoch, old.epoch + 1);
        assert!(check(&store, &old).await.is_err(), "the old holder must not write any more");
        check(&store, &new).await.expect("the new holder may write");
    }

    async fn a_lease_that_was_given_back_is_free_at_once(store: Store) {
        let (first, second) = (Uuid::new_v4(), Uuid::new_v4());
        let fence = acquire(&store, first, at(100)).await.expect("nobody has it");
        let released: Result<()> =
            store.write(fence, |tx, fence| Box::pin(service_leases::release(tx, fence))).await;
        released.expect("it is given back");
        assert!(acquire(&store, second, at(100)).await.is_some());
    }
}
