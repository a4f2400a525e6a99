use serde_json::json;
use sluice_orchestration::{Dice, Environment, Settings, TaskPolicy};
use sluice_store::{Store, task_queue, task_runs};
use sluice_test_support::on_both_databases;
use sluice_wire::client_version::Client;
use sluice_wire::ids::{StateId, TaskRunId, WorkspaceId};
use sluice_wire::states::{State, StateType};
use sluice_wire::time::{TimeDelta, Timestamp};

const WORKSPACE: WorkspaceId = WorkspaceId::DEFAULT;

fn at(seconds: i64) -> Timestamp {
    Timestamp::EPOCH + TimeDelta::from_secs(seconds)
}

fn environment() -> Environment {
    Environment { now: at(0), client: Client::INTERNAL, settings: Settings::default(), dice: Dice::roll(0.5) }
}

fn deferred(name: &str) -> State {
    let mut state = State::scheduled(name, at(0), StateId::sequential(), at(0));
    state.state_details.deferred = Some(true);
    state
}

async fn schedule(store: &Store, dynamic_key: &str) -> TaskRunId {
    let run =
        serde_json::from_value(json!({"task_key": "greet", "dynamic_key": dynamic_key})).expect("a body");
    store
        .write((run, environment()), |tx, (run, environment)| {
            Box::pin(task_runs::create(tx, WORKSPACE, run, Some(deferred("Scheduled")), environment))
        })
        .await
        .expect("the run is created")
        .0
        .id
}

async fn reserve(store: &Store, client: &'static str, now: Timestamp) -> Option<TaskRunId> {
    store
        .write((client, now), |tx, (client, now)| {
            Box::pin(async move {
                let keys = ["greet".to_owned()];
                task_queue::reserve(tx, WORKSPACE, &keys, client, *now, *now + TimeDelta::from_secs(30)).await
            })
        })
        .await
        .expect("the queue is read")
        .map(|run| run.id)
}

on_both_databases! {
    async fn runs_are_handed_out_once_in_the_order_of_their_coming(store: Store) {
        let (first, second) = (schedule(&store, "0").await, schedule(&store, "1").await);
        assert_eq!(reserve(&store, "one", at(1)).await, Some(first));
        assert_eq!(reserve(&store, "two", at(1)).await, Some(second));
        assert_eq!(reserve(&store, "two", at(1)).await, None);
    }

    async fn what_is_given_back_comes_first_and_what_is_forgotten_comes_back(store: Store) {
        let (first, second) = (schedule(&store, "0").await, schedule(&store, "1").await);
        assert_eq!(reserve(&store, "one", at(1)).await, Some(first));
        assert_eq!(reserve(&store, "one", at(1)).await, Some(second));
        store
            .write(second, |tx, id| Box::pin(task_queue::release(tx, WORKSPACE, *id, "one")))
            .await
            .expect("it is given back");
        assert_eq!(reserve(&store, "two", at(2)).await, Some(second));
        assert_eq!(reserve(&store, "two", at(2)).await, None);
        assert_eq!(reserve(&store, "two", at(40)).await, Some(second));
        assert_eq!(reserve(&store, "two", at(40)).await, Some(first));
    }

    async fn what_was_acknowledged_is_gone(store: Store) {
        let run = schedule(&store, "0").await;
        assert_eq!(reserve(&store, "one", at(1)).await, Some(run));
        store
            .write(run, |tx, id| Box::pin(task_queue::acknowledge(tx, WORKSPACE, *id)))
            .await
            .expect("it is acknowledged");
        assert_eq!(reserve(&store, "one", at(99)).await, None);
    }

    async fn a_run_that_waits_for_its_retry_is_served_before_others(store: Store) {
        let retried = schedule(&store, "0").await;
        assert_eq!(reserve(&store, "one", at(1)).await, Some(retried));
        store
            .write(retried, |tx, id| Box::pin(task_queue::acknowledge(tx, WORKSPACE, *id)))
            .await
            .expect("it is acknowledged");
        let other = schedule(&store, "1").await;
        for state in [State::new(StateType::Running, StateId::sequential(), at(2)), deferred("AwaitingRetry")] {
            let policy = TaskPolicy::Background;
            store
                .write((retried, state, environment()), move |tx, (id, state, environment)| {
                    Box::pin(task_runs::commit_state(tx, WORKSPACE, *id, policy, state.clone(), environment))
                })
                .await
                .expect("the state is decided");
        }
        assert_eq!(reserve(&store, "one", at(3)).await, Some(retried));
        assert_eq!(reserve(&store, "one", at(3)).await, Some(other));
    }
}
