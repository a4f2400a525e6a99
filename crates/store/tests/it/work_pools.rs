//! What workers get when they poll.

use serde_json::json;
use sluice_store::work_pools::{ScheduledRuns, scheduled_runs};
use sluice_store::{Store, StoreError, Tx, outbox, params, work_pools, work_queues};
use sluice_test_support::on_both_databases;
use sluice_wire::flow_runs::FlowRun;
use sluice_wire::ids::{FlowId, FlowRunId, WorkPoolId, WorkQueueId, WorkspaceId};
use sluice_wire::json::RawJson;
use sluice_wire::time::{TimeDelta, Timestamp};

const HERE: WorkspaceId = WorkspaceId::DEFAULT;
const NOW: Timestamp = Timestamp::from_micros(1_795_336_300_000_000);
const LIMIT: i64 = 200;

fn at(seconds: i64) -> Timestamp {
    NOW + TimeDelta::from_secs(seconds)
}

/// A pool with the queues `default` (priority 1) and `second` (2) and a flow.
struct World {
    store: Store,
    flow: FlowId,
    pool: WorkPoolId,
    default: WorkQueueId,
    second: WorkQueueId,
}

impl World {
    async fn new(store: Store) -> Self {
        let flow = FlowId::random();
        let made: Result<_, StoreError> = store
            .write(flow, |tx, flow| {
                Box::pin(async move {
                    let new = serde_json::from_value(json!({"name": "pool", "type": "process"}));
                    let pool = work_pools::create(tx, HERE, &new.expect("a pool"), NOW).await?;
                    let new = serde_json::from_value(json!({"name": "second"})).expect("a queue");
                    let second = work_queues::create(tx, HERE, &pool, &new, NOW).await?;
                    tx.execute(
                        "INSERT INTO flow (id, workspace_id, created, updated, name, tags, labels)
                         VALUES (?1, ?2, ?3, ?3, 'flow', ?4, ?5)",
                        params![*flow, HERE, NOW, RawJson::empty_list(), RawJson::empty_object()],
                    )
                    .await?;
                    Ok((pool.id, pool.default_queue_id.expect("a queue"), second.id))
                })
            })
            .await;
        let (pool, default, second) = made.expect("the pool is created");
        Self { store, flow, pool, default, second }
    }

    /// A run in `queue` that is due `seconds` from now.
    async fn run(&self, name: &'static str, queue: WorkQueueId, state: &'static str, seconds: i64) {
        self.run_with_policy(name, queue, state, seconds, "{}").await;
    }

    async fn run_with_policy(
        &self,
        name: &'static str,
        queue: WorkQueueId,
        state: &'static str,
        seconds: i64,
        policy: &'static str,
    ) {
        let flow = self.flow;
        let inserted: Result<(), StoreError> = self
            .store
            .write((), move |tx, ()| Box::pin(insert(tx, flow, name, queue, state, at(seconds), policy)))
            .await;
        inserted.expect("the run is stored");
    }

    async fn change(&self, text: &'static str, pool_or_queue: impl Into<sluice_store::Value>) {
        let id = pool_or_queue.into();
        let changed: Result<u64, StoreError> =
            self.store.write(id, move |tx, id| Box::pin(tx.execute(text, vec![id.clone()]))).await;
        assert_eq!(changed.expect("changed"), 1, "{text}");
    }

    /// The names of the runs that a worker gets.
    async fn poll(&self, request: ScheduledRuns) -> Vec<String> {
        let runs: Result<_, StoreError> = self
            .store
            .read((self.pool, request), |tx, (pool, request)| {
                Box::pin(async move {
                    let pool = work_pools::read(tx, HERE, *pool).await?.expect("the pool exists");
                    let queues = work_queues::of_pool(tx, HERE, pool.id).await?;
                    scheduled_runs(tx, HERE, &pool, &queues, *request, NOW).await
                })
            })
            .await;
        runs.expect("the poll is answered").into_iter().map(|run| run.flow_run.name).collect()
    }
}

async fn insert(
    tx: &mut Tx,
    flow: FlowId,
    name: &str,
    queue: WorkQueueId,
    state: &str,
    due: Timestamp,
    policy: &str,
) -> Result<(), StoreError> {
    let policy = RawJson::from_text(policy.to_owned()).expect("JSON");
    let (object, list) = (RawJson::empty_object(), RawJson::empty_list());
    tx.execute(
        "INSERT INTO flow_run (id, workspace_id, created, updated, name, flow_id, work_queue_id, parameters, context,
             empirical_policy, tags, labels, run_count, expected_start_time, next_scheduled_start_time,
             total_run_time, auto_scheduled, state_type, state_name, state_timestamp)
         VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9, ?7, 0, ?10, ?10, 0, ?11, ?12, ?12, ?3)",
        params![FlowRunId::random(), HERE, NOW, name, flow, queue, object, policy, list, due, false, state],
    )
    .await?;
    Ok(())
}

const ALL: ScheduledRuns = ScheduledRuns { scheduled_before: None, scheduled_after: None, limit: LIMIT };

on_both_databases! {
    async fn a_new_pool_tells_its_status_whatever_its_type(store: Store) {
        for (name, kind, is_paused, expected) in [
            ("works", "process", false, "prefect.work-pool.not-ready"),
            ("rests", "process", true, "prefect.work-pool.paused"),
            ("agents", "prefect-agent", false, "prefect.work-pool.not-ready"),
            ("agents-rest", "prefect-agent", true, "prefect.work-pool.not-ready"),
        ] {
            let told: Result<Vec<String>, StoreError> = store
                .write((name, kind, is_paused), |tx, (name, kind, is_paused)| {
                    Box::pin(async move {
                        let new = json!({"name": name, "type": kind, "is_paused": is_paused});
                        let new = serde_json::from_value(new).expect("a pool");
                        let pool = work_pools::create(tx, HERE, &new, NOW).await?;
                        assert_eq!(pool.status.is_some(), *kind == "process");
                        let id = format!("prefect.work-pool.{}", pool.id);
                        let events = outbox::take(tx, 100).await?.into_iter().map(|(_, _, event)| event);
                        let of_pool = events.filter(|event| event.resource["prefect.resource.id"] == id);
                        Ok(of_pool.map(|event| event.event).collect())
                    })
                })
                .await;
            assert_eq!(told.expect("the pool is created"), ["prefect.work-pool.created", expected], "{name}");
        }
    }

    async fn the_most_urgent_queue_comes_first_then_the_run_that_is_due_first(store: Store) {
        let world = World::new(store).await;
        world.run("second, early", world.second, "SCHEDULED", 1).await;
        world.run("default, late", world.default, "SCHEDULED", 9).await;
        world.run("default, early", world.default, "SCHEDULED", 2).await;
        world.run("started", world.default, "PENDING", 0).await;
        assert_eq!(world.poll(ALL).await, ["default, early", "default, late", "second, early"]);
        assert_eq!(world.poll(ScheduledRuns { limit: 1, ..ALL }).await, ["default, early"]);
        let before = ScheduledRuns { scheduled_before: Some(at(2)), ..ALL };
        assert_eq!(world.poll(before).await, ["default, early", "second, early"]);
        let after = ScheduledRuns { scheduled_after: Some(at(2)), ..ALL };
        assert_eq!(world.poll(after).await, ["default, early", "default, late"]);
    }

    async fn runs_that_are_retried_where_they_run_are_left_out(store: Store) {
        let world = World::new(store).await;
        world.run_with_policy("in process", world.default, "SCHEDULED", 0, r#"{"retry_type": "in_process"}"#).await;
        world.run_with_policy("again", world.default, "SCHEDULED", 1, r#"{"retry_type": "reschedule"}"#).await;
        world.run_with_policy("null", world.default, "SCHEDULED", 2, r#"{"retry_type": null}"#).await;
        assert_eq!(world.poll(ALL).await, ["again", "null"]);
    }

    async fn limits_count_pending_and_running_runs(store: Store) {
        let world = World::new(store).await;
        for (name, queue) in [("a", world.default), ("b", world.default), ("c", world.second), ("d", world.second)] {
            world.run(name, queue, "SCHEDULED", 0).await;
        }
        world.run("running", world.default, "RUNNING", 0).await;
        world.run("pending", world.second, "PENDING", 0).await;
        world.run("cancelling", world.second, "CANCELLING", 0).await;
        world.change("UPDATE work_queue SET concurrency_limit = 2 WHERE id = ?1", world.default).await;
        assert_eq!(world.poll(ALL).await.len(), 3, "one slot of the default queue is free");
        world.change("UPDATE work_pool SET concurrency_limit = 4 WHERE id = ?1", world.pool).await;
        let got = world.poll(ALL).await;
        assert_eq!(got.len(), 2, "two slots of the pool are free: {got:?}");
        world.change("UPDATE work_pool SET concurrency_limit = 1 WHERE id = ?1", world.pool).await;
        assert!(world.poll(ALL).await.is_empty(), "more runs than the limit allows");
    }

    async fn paused_queues_and_pools_give_nothing(store: Store) {
        let world = World::new(store).await;
        world.run("a", world.default, "SCHEDULED", 0).await;
        world.run("b", world.second, "SCHEDULED", 0).await;
        let queue = "UPDATE work_queue SET is_paused = NOT is_paused WHERE id = ?1";
        let pool = "UPDATE work_pool SET is_paused = NOT is_paused WHERE id = ?1";
        world.change(queue, world.default).await;
        assert_eq!(world.poll(ALL).await, ["b"]);
        world.change(pool, world.pool).await;
        assert!(world.poll(ALL).await.is_empty());
        world.change(pool, world.pool).await;
        world.change(queue, world.default).await;
        assert_eq!(world.poll(ALL).await, ["a", "b"]);
    }

    async fn a_queue_read_alone_gives_its_runs_with_pool_and_queue(store: Store) {
        let world = World::new(store).await;
        world.run("later", world.second, "SCHEDULED", 5).await;
        world.run("now", world.second, "SCHEDULED", 0).await;
        world.run("elsewhere", world.default, "SCHEDULED", 0).await;
        let due = async |before: Option<Timestamp>| -> Vec<FlowRun> {
            world
                .store
                .read((world.second, before), |tx, (queue, before)| {
                    Box::pin(sluice_store::flow_runs::due_in_queue(tx, HERE, *queue, *before, LIMIT, NOW))
                })
                .await
                .unwrap_or_else(|error: StoreError| panic!("{error}"))
        };
        let runs = due(None).await;
        let names: Vec<_> = runs.iter().map(|run| &*run.name).collect();
        assert_eq!(names, ["now", "later"]);
        assert_eq!(runs[0].work_pool_name.as_deref(), Some("pool"));
        assert_eq!(runs[0].work_queue_name.as_deref(), Some("second"));
        assert_eq!(due(Some(NOW)).await.len(), 1);
    }
}
