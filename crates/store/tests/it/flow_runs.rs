use serde_json::{Value, json};
use sluice_orchestration::{Dice, Environment, FlowPolicy, Settings};
use sluice_store::flow_runs::{self, GraphLimits, GraphOutcome, NewFlowRun};
use sluice_store::run_history::{self, Intervals, RunKind};
use sluice_store::{StateChange, Store, StoreError, flows, outbox, params};
use sluice_test_support::on_both_databases;
use sluice_wire::client_version::Client;
use sluice_wire::filters::RelatedFilters;
use sluice_wire::flow_runs::FlowRun;
use sluice_wire::ids::{FlowId, FlowRunId, StateId, WorkspaceId};
use sluice_wire::orchestration_results::SetStateStatus;
use sluice_wire::states::{State, StateType};
use sluice_wire::time::{TimeDelta, Timestamp};

const WORKSPACE: WorkspaceId = WorkspaceId::DEFAULT;

fn at(seconds: i64) -> Timestamp {
    Timestamp::EPOCH + TimeDelta::from_secs(seconds)
}

fn environment(now: Timestamp) -> Environment {
    Environment { now, client: Client::INTERNAL, settings: Settings::default(), dice: Dice::roll(0.5) }
}

async fn flow(store: &Store) -> FlowId {
    let flow =
        serde_json::from_value(json!({"name": "etl", "tags": ["nightly"], "labels": {"team": "data"}}));
    store
        .write(flow.expect("a flow"), |tx, flow| {
            Box::pin(async move { flows::create(tx, WORKSPACE, flow, at(0)).await })
        })
        .await
        .expect("the flow is created")
        .0
        .id
}

async fn create(store: &Store, run: NewFlowRun, state: StateType, now: Timestamp) -> (FlowRun, bool) {
    try_create(store, run, state, now).await.expect("the run is created")
}

async fn try_create(
    store: &Store,
    run: NewFlowRun,
    state: StateType,
    now: Timestamp,
) -> Result<(FlowRun, bool), StoreError> {
    let state = State::new(state, StateId::sequential(), now);
    store
        .write((run, state, environment(now)), |tx, (run, state, environment)| {
            Box::pin(flow_runs::create(tx, WORKSPACE, run, Some(state.clone()), environment))
        })
        .await
}

async fn set_state(store: &Store, id: FlowRunId, state: StateType, now: Timestamp) -> StateChange {
    let state = State::new(state, StateId::sequential(), now);
    store
        .write((id, state, environment(now)), |tx, (id, state, environment)| {
            Box::pin(flow_runs::commit_state(
                tx,
                WORKSPACE,
                *id,
                FlowPolicy::Core,
                state.clone(),
                environment,
            ))
        })
        .await
        .expect("the state is decided")
        .expect("the run exists")
}

async fn read(store: &Store, id: FlowRunId, now: Timestamp) -> Option<FlowRun> {
    store
        .read((id, now), |tx, (id, now)| Box::pin(flow_runs::read(tx, WORKSPACE, *id, *now)))
        .await
        .expect("the run is read")
}

async fn states(store: &Store, id: FlowRunId) -> Vec<String> {
    let states = store
        .read(id, |tx, id| Box::pin(flow_runs::read_states(tx, WORKSPACE, *id)))
        .await
        .expect("the states are read");
    let name = |state: sluice_wire::json::RawJson| state.parse::<State>().expect("a state").name;
    states.into_iter().map(name).collect()
}

/// The events about flow runs that were committed.
async fn events(store: &Store) -> Vec<Value> {
    let events = store.write((), |tx, ()| Box::pin(outbox::take(tx, 100))).await.expect("the outbox is read");
    let of_flow_runs =
        events.into_iter().filter(|(_, _, event)| event.event.starts_with("prefect.flow-run."));
    of_flow_runs.map(|(_, _, event)| serde_json::to_value(event).expect("an event")).collect()
}

on_both_databases! {
    async fn a_created_run_is_read_as_it_was_answered(store: Store) {
        let run = NewFlowRun { tags: vec!["a".to_owned()], ..NewFlowRun::of(flow(&store).await) };
        let (created, is_new) = create(&store, run, StateType::Pending, at(5)).await;
        assert!(is_new);
        assert_eq!(read(&store, created.id, at(5)).await, Some(created.clone()));
        assert_eq!(created.expected_start_time, Some(at(5)));
        let labels: Value = created.labels.parse().expect("labels");
        assert_eq!(labels, json!({"team": "data", "prefect.flow.id": created.flow_id}));
    }

    /// Whatever users call their states and however many tags they give, the events behind it are told as well.
    async fn a_state_with_a_long_name_and_many_tags_is_told(store: Store) {
        let tags = (0..150).map(|number| format!("tag {number}")).collect();
        let run = NewFlowRun { tags, ..NewFlowRun::of(flow(&store).await) };
        let mut state = State::new(StateType::Pending, StateId::sequential(), at(0));
        state.name = "x".repeat(70_000);
        let created: Result<_, StoreError> = store
            .write((run, state, environment(at(0))), |tx, (run, state, environment)| {
                Box::pin(flow_runs::create(tx, WORKSPACE, run, Some(state.clone()), environment))
            })
            .await;
        let (created, _) = created.expect("the run is created");
        set_state(&store, created.id, StateType::Running, at(1)).await;
        let told = events(&store).await;
        assert_eq!(told.len(), 2);
        assert_eq!(told[0]["event"].as_str().map(str::len), Some(1_024));
        assert_eq!(told[0]["related"].as_array().map(Vec::len), Some(100));
        assert_eq!(told[0]["related"][0]["prefect.resource.role"], "flow");
        assert_eq!(told[1]["event"], "prefect.flow-run.Running");
    }

    async fn a_run_of_no_flow_is_refused(store: Store) {
        let outcome = try_create(&store, NewFlowRun::of(FlowId::random()), StateType::Pending, at(0)).await;
        assert!(matches!(outcome, Err(StoreError::ForeignKey(_))), "{outcome:?}");
    }

    async fn the_same_idempotency_key_is_the_same_run(store: Store) {
        let flow_id = flow(&store).await;
        let keyed = || NewFlowRun { idempotency_key: Some("once".to_owned()), ..NewFlowRun::of(flow_id) };
        let (first, _) = create(&store, keyed(), StateType::Pending, at(0)).await;
        let (second, is_new) = create(&store, keyed(), StateType::Pending, at(1)).await;
        assert_eq!((second.id, is_new), (first.id, false));
        assert_eq!(states(&store, first.id).await, ["Pending"]);
        assert_eq!(events(&store).await.len(), 1);
    }

    async fn states_change_the_run_and_are_kept(store: Store) {
        let (run, _) = create(&store, NewFlowRun::of(flow(&store).await), StateType::Pending, at(0)).await;
        assert!(set_state(&store, run.id, StateType::Running, at(2)).await.is_written);
        let running = read(&store, run.id, at(5)).await.expect("the run");
        assert_eq!((running.run_count, running.start_time), (1, Some(at(2))));
        assert_eq!(running.estimated_run_time, TimeDelta::from_secs(3));
        set_state(&store, run.id, StateType::Completed, at(6)).await;
        let completed = read(&store, run.id, at(9)).await.expect("the run");
        assert_eq!(completed.state_type, Some(StateType::Completed));
        assert_eq!((completed.end_time, completed.total_run_time), (Some(at(6)), TimeDelta::from_secs(4)));
        assert_eq!(states(&store, run.id).await, ["Pending", "Running", "Completed"]);
    }

    async fn every_change_is_told_in_the_same_transaction(store: Store) {
        let run = NewFlowRun { tags: vec!["b".to_owned(), "a".to_owned()], ..NewFlowRun::of(flow(&store).await) };
        let (run, _) = create(&store, run, StateType::Pending, at(0)).await;
        set_state(&store, run.id, StateType::Running, at(2)).await;
        let events = events(&store).await;
        let names: Vec<&str> = events.iter().filter_map(|event| event["event"].as_str()).collect();
        assert_eq!(names, ["prefect.flow-run.Pending", "prefect.flow-run.Running"]);
        assert_eq!(events[1]["follows"], events[0]["id"]);
        assert_eq!(events[1]["resource"]["prefect.run-count"], "1");
        let related = events[1]["related"].as_array().expect("a list");
        let related: Vec<String> = related
            .iter()
            .map(|resource| resource["prefect.resource.id"].as_str().expect("an id").to_owned())
            .collect();
        let flow = format!("prefect.flow.{}", run.flow_id);
        assert_eq!(related, [flow.as_str(), "prefect.tag.a", "prefect.tag.b", "prefect.tag.nightly"]);
    }

    async fn of_two_workers_that_claim_a_run_one_gets_it(store: Store) {
        let flow_id = flow(&store).await;
        for _ in 0..10 {
            let (run, _) = create(&store, NewFlowRun::of(flow_id), StateType::Scheduled, at(0)).await;
            let claim = || {
                let (store, id) = (store.clone(), run.id);
                tokio::spawn(async move { set_state(&store, id, StateType::Pending, at(1)).await.result.status })
            };
            let (one, other) = (claim(), claim());
            let mut answers = [one.await.expect("no panic"), other.await.expect("no panic")];
            answers.sort_by_key(|status| *status != SetStateStatus::Accept);
            assert_eq!(answers, [SetStateStatus::Accept, SetStateStatus::Abort]);
            assert_eq!(states(&store, run.id).await.len(), 2);
        }
    }

    async fn a_state_for_no_run_is_none(store: Store) {
        let state = State::new(StateType::Pending, StateId::sequential(), at(0));
        let change = store
            .write((state, environment(at(0))), |tx, (state, environment)| {
                let id = FlowRunId::random();
                Box::pin(flow_runs::commit_state(tx, WORKSPACE, id, FlowPolicy::Core, state.clone(), environment))
            })
            .await;
        assert_eq!(change.expect("it is decided"), None);
    }

    async fn deleting_a_run_leaves_nothing_of_it(store: Store) {
        let (run, _) = create(&store, NewFlowRun::of(flow(&store).await), StateType::Pending, at(0)).await;
        let delete = async || {
            store
                .write((run.id, environment(at(1))), |tx, (id, environment)| {
                    Box::pin(flow_runs::delete(tx, WORKSPACE, *id, environment))
                })
                .await
                .expect("it is deleted")
        };
        assert!(delete().await);
        assert!(!delete().await);
        assert_eq!(read(&store, run.id, at(1)).await, None);
        let left: Option<i64> = store
            .read((), |tx, ()| Box::pin(tx.scalar("SELECT count(*) FROM flow_run_state", params![])))
            .await
            .expect("the states are counted");
        assert_eq!(left, Some(0));
    }

    async fn runs_are_counted_by_interval_and_state(store: Store) {
        let flow_id = flow(&store).await;
        for second in [0, 1, 25] {
            create(&store, NewFlowRun::of(flow_id), StateType::Pending, at(second)).await;
        }
        let (run, _) = create(&store, NewFlowRun::of(flow_id), StateType::Pending, at(2)).await;
        set_state(&store, run.id, StateType::Running, at(4)).await;
        let intervals = Intervals { start: at(0), end: at(30), length: TimeDelta::from_secs(10) };
        let buckets = store
            .read(intervals, |tx, intervals| {
                Box::pin(async move {
                    let filters = RelatedFilters::default();
                    run_history::history(tx, WORKSPACE, RunKind::FlowRuns, &filters, *intervals, at(34)).await
                })
            })
            .await
            .expect("the history is read");
        let counts: Vec<Vec<(&str, i64)>> = buckets
            .iter()
            .map(|bucket| bucket.states.iter().map(|state| (&*state.state_name, state.count_runs)).collect())
            .collect();
        assert_eq!(counts, [vec![("Pending", 2), ("Running", 1)], vec![], vec![("Pending", 1)]]);
        let running = &buckets[0].states[1];
        assert_eq!(running.sum_estimated_run_time, TimeDelta::from_secs(30));
        assert_eq!(running.sum_estimated_lateness, TimeDelta::from_secs(2));
        assert_eq!(buckets[0].states[0].sum_estimated_lateness, TimeDelta::from_secs(34 + 33));
    }

    async fn lateness_is_averaged_over_all_runs(store: Store) {
        let average = async || {
            store
                .read((), |tx, ()| {
                    Box::pin(async move {
                        flow_runs::average_lateness(tx, WORKSPACE, &RelatedFilters::default(), at(10)).await
                    })
                })
                .await
                .expect("the average is read")
        };
        assert_eq!(average().await, None);
        let flow_id = flow(&store).await;
        create(&store, NewFlowRun::of(flow_id), StateType::Pending, at(4)).await;
        create(&store, NewFlowRun::of(flow_id), StateType::Completed, at(4)).await;
        assert_eq!(average().await, Some(3.0));
    }

    async fn the_graph_of_a_run_without_tasks_has_its_states(store: Store) {
        let (run, _) = create(&store, NewFlowRun::of(flow(&store).await), StateType::Pending, at(0)).await;
        let outcome = store
            .read(run.id, |tx, id| {
                Box::pin(async move {
                    let limits = GraphLimits { nodes: 10, artifacts: 10 };
                    flow_runs::graph(tx, WORKSPACE, *id, Timestamp::EPOCH, limits).await
                })
            })
            .await
            .expect("the graph is read");
        let GraphOutcome::Graph(graph) = outcome else { panic!("{outcome:?}") };
        assert_eq!((graph.start_time, graph.nodes.len(), graph.states.len()), (Some(at(0)), 0, 1));
    }
}
