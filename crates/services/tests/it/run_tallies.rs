use serde_json::json;
use sluice_orchestration::{Dice, Environment, Settings};
use sluice_services::Next;
use sluice_store::flow_runs::{self, NewFlowRun};
use sluice_store::{Store, StoreError, flows, run_tallies};
use sluice_test_support::on_both_databases;
use sluice_wire::client_version::Client;
use sluice_wire::filters::RelatedFilters;
use sluice_wire::ids::{StateId, WorkspaceId};
use sluice_wire::states::{State, StateType};
use sluice_wire::time::{TimeDelta, Timestamp};

use crate::support::{START, World};

const WORKSPACE: WorkspaceId = WorkspaceId::DEFAULT;

/// Creates a run in each of these hours.
async fn create_runs(store: &Store, hours: std::ops::Range<i64>) {
    let created: Result<(), StoreError> = store
        .write(hours, |tx, hours| {
            Box::pin(async move {
                let flow = serde_json::from_value(json!({"name": "etl"})).expect("a flow");
                let (flow, _) = flows::create(tx, WORKSPACE, &flow, START).await?;
                for hour in hours.clone() {
                    let now = START - TimeDelta::from_secs(hour * 3_600);
                    let state = State::new(StateType::Pending, StateId::sequential(), now);
                    let new = NewFlowRun::of(flow.id);
                    flow_runs::create(tx, WORKSPACE, &new, Some(state), &environment(now)).await?;
                }
                Ok(())
            })
        })
        .await;
    created.expect("the runs are created");
}

fn environment(now: Timestamp) -> Environment {
    Environment { now, client: Client::default(), settings: Settings::default(), dice: Dice::roll(0.5) }
}

async fn is_any_uncounted(store: &Store) -> bool {
    store.read((), |tx, ()| Box::pin(run_tallies::is_any_uncounted(tx))).await.expect("the notes are read")
}

async fn count(store: &Store) -> i64 {
    store
        .read_snapshot(RelatedFilters::default(), |tx, filters| {
            Box::pin(flow_runs::count(tx, WORKSPACE, filters))
        })
        .await
        .expect("the runs are counted")
}

on_both_databases! {
    async fn what_changed_is_counted_a_batch_at_a_time(store: Store) {
        let world = World::new(store);
        assert_eq!(world.run("run_tallies").await, Next::Period);
        create_runs(&world.store, 0..70).await;
        assert_eq!(count(&world.store).await, 70);
        // A full batch: soon again, but not at once.
        assert!(matches!(world.run("run_tallies").await, Next::At(time) if time > world.now()));
        assert!(is_any_uncounted(&world.store).await);
        assert_eq!(count(&world.store).await, 70);
        assert_eq!(world.run("run_tallies").await, Next::Period);
        assert!(!is_any_uncounted(&world.store).await);
        assert_eq!(count(&world.store).await, 70);
        create_runs(&world.store, 3..4).await;
        assert!(is_any_uncounted(&world.store).await);
        assert_eq!(count(&world.store).await, 71);
        assert_eq!(world.run("run_tallies").await, Next::Period);
        assert!(!is_any_uncounted(&world.store).await);
        assert_eq!(count(&world.store).await, 71);
    }
}
