//! Random changes, random rounds of the builder, random questions.

use proptest::option::{of, weighted};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};
use sluice_store::run_history::{Intervals, RunKind};
use sluice_store::run_tallies::{self, Measured};
use sluice_store::{Store, StoreError, params};
use sluice_test_support::on_both_databases;
use sluice_wire::sorting::FlowRunSort;
use sluice_wire::time::{TimeDelta, Timestamp};
use uuid::Uuid;

use super::naive::{self, Question, ask};
use super::{HOUR, WORKSPACE, insert_flow, take};

const CHANGES: usize = 150;
/// Fewer ids than changes: runs are changed and deleted.
const RUNS: u128 = 24;

const STATES: [(&str, &str); 8] = [
    ("SCHEDULED", "Scheduled"),
    ("SCHEDULED", "Late"),
    ("PENDING", "Pending"),
    ("RUNNING", "Running"),
    ("RUNNING", "Retrying"),
    ("COMPLETED", "Completed"),
    ("FAILED", "Failed"),
    ("CRASHED", "Crashed"),
];

#[derive(Debug, Clone)]
struct Run {
    id: u128,
    /// Of the other kind: the parent of a flow run, the flow run of a task run.
    relative: Option<u128>,
    state: Option<usize>,
    expected: Option<i64>,
    start: Option<i64>,
    since: i64,
    spent: i64,
}

#[derive(Debug, Clone)]
enum Change {
    Put(RunKind, Run),
    Reschedule(RunKind, u128, Option<i64>),
    SetState(RunKind, u128, usize, Option<i64>, i64),
    Rename(RunKind),
    Delete(RunKind, u128),
    Orphan(u128),
    /// Notes are taken, periods wait.
    Take,
    /// Some of the periods that wait are counted, others divided.
    Build(u64),
}

/// Around three hours, with most values near the edges of periods.
fn micros() -> BoxedStrategy<i64> {
    let second = prop_oneof![
        -4_000_i64..8_000,
        prop_oneof![Just(0_i64), Just(3_600), Just(300), Just(-1), Just(3_599), Just(1_800)]
    ];
    (second, prop_oneof![Just(0_i64), Just(999_999), 0_i64..1_000_000])
        .prop_map(|(second, micros)| (HOUR + second) * 1_000_000 + micros)
        .boxed()
}

fn kind() -> BoxedStrategy<RunKind> {
    prop_oneof![Just(RunKind::FlowRuns), Just(RunKind::TaskRuns)].boxed()
}

fn run() -> BoxedStrategy<Run> {
    (
        0..RUNS,
        weighted(0.5, 0..RUNS),
        weighted(0.95, 0..STATES.len()),
        weighted(0.95, micros()),
        weighted(0.6, micros()),
        micros(),
        prop_oneof![Just(0_i64), -5_000_000_i64..9_000_000_000],
    )
        .prop_map(|(id, relative, state, expected, start, since, spent)| Run {
            id,
            relative,
            state,
            expected,
            start,
            since,
            spent,
        })
        .boxed()
}

fn change() -> BoxedStrategy<Change> {
    prop_oneof![
        8 => (kind(), run()).prop_map(|(kind, run)| Change::Put(kind, run)),
        2 => (kind(), 0..RUNS, weighted(0.9, micros()))
            .prop_map(|(kind, id, to)| Change::Reschedule(kind, id, to)),
        4 => (kind(), 0..RUNS, 0..STATES.len(), of(micros()), micros())
            .prop_map(|(kind, id, state, start, since)| Change::SetState(kind, id, state, start, since)),
        1 => kind().prop_map(Change::Rename),
        2 => (kind(), 0..RUNS).prop_map(|(kind, id)| Change::Delete(kind, id)),
        1 => (0..RUNS).prop_map(Change::Orphan),
        1 => Just(Change::Take),
        4 => any::<u64>().prop_map(Change::Build),
    ]
    .boxed()
}

fn question() -> BoxedStrategy<Question> {
    let time = || micros().prop_map(|micros| json!(Timestamp::from_micros(micros)));
    let window = move || {
        of((of(time()), of(time())).prop_map(|(after, before)| json!({"after_": after, "before_": before})))
    };
    let words = |words: Vec<&'static str>| of(proptest::sample::subsequence(words.clone(), 0..words.len()));
    let types = words(vec!["SCHEDULED", "RUNNING", "COMPLETED", "FAILED", "CRASHED"]);
    let names = words(vec!["Late", "Running", "Completed"]);
    let state =
        (types, names).prop_map(|(types, names)| json!({"type": {"any_": types}, "name": {"any_": names}}));
    let family = || of(any::<bool>());
    let length = prop_oneof![Just(60_i64), Just(300), Just(1_000), Just(3_600), 1_i64..9_000];
    let filters = (window(), window(), of(state), family(), of(family()));
    let sort = prop_oneof![
        Just(FlowRunSort::IdDesc),
        Just(FlowRunSort::StartTimeAsc),
        Just(FlowRunSort::StartTimeDesc),
        Just(FlowRunSort::ExpectedStartTimeAsc),
        Just(FlowRunSort::ExpectedStartTimeDesc),
    ];
    (kind(), filters, micros(), micros(), length, micros(), (sort, 1_i64..9))
        .prop_map(|(kind, (expected, start, state, family, inside), from, to, length, now, (sort, limit))| {
            let mut filter = json!({});
            for (name, criterion) in
                [("expected_start_time", expected), ("start_time", start), ("state", state)]
            {
                if let Some(criterion) = criterion {
                    filter[name] = criterion;
                }
            }
            let inside = inside.map(|is_null| json!({"parent_task_run_id": {"is_null_": is_null}}));
            let (flow_runs, task_runs) = match kind {
                RunKind::FlowRuns => {
                    filter["parent_task_run_id"] = json!({"is_null_": family});
                    (Some(filter), None)
                }
                RunKind::TaskRuns => {
                    filter["subflow_runs"] = json!({"exists_": family});
                    (inside, Some(filter))
                }
            };
            let at = Timestamp::from_micros;
            let intervals = Intervals { start: at(from), end: at(to), length: TimeDelta::from_secs(length) };
            Question { kind, flow_runs, task_runs, intervals, now: at(now), sort, limit }
        })
        .boxed()
}

fn flow_run_id(number: u128) -> Uuid {
    Uuid::from_u128(0x1000 + number)
}

fn task_run_id(number: u128) -> Uuid {
    Uuid::from_u128(0x2000 + number)
}

fn id_of(kind: RunKind, number: u128) -> Uuid {
    match kind {
        RunKind::FlowRuns => flow_run_id(number),
        RunKind::TaskRuns => task_run_id(number),
    }
}

async fn change_one(store: &Store, flow: Uuid, change: Change) {
    let changed: Result<u64, StoreError> = store
        .write((flow, change), |tx, (flow, change)| {
            let time = |micros: Option<i64>| micros.map(Timestamp::from_micros);
            let is_flow_run = |kind: &RunKind| *kind == RunKind::FlowRuns;
            Box::pin(async move {
                match change {
                    Change::Put(kind, run) => {
                        let (state_type, state_name) = run.state.map(|state| STATES[state]).unzip();
                        let since = Timestamp::from_micros(run.since);
                        let mut values = params![
                            id_of(*kind, run.id), WORKSPACE, since, time(run.expected), time(run.start), run.spent,
                            state_type, state_name, naive::object(), naive::list(),
                        ];
                        if is_flow_run(kind) {
                            // The server chooses the ids of flow runs: none is taken by a task run beforehand.
                            let inside = "SELECT count(*) FROM task_run WHERE flow_run_id = ?1";
                            if tx.scalar::<i64>(inside, params![id_of(*kind, run.id)]).await? > Some(0) {
                                return Ok(0);
                            }
                            values.extend(params![*flow, run.relative.map(task_run_id), false]);
                            tx.execute(
                                "INSERT INTO flow_run (id, workspace_id, created, updated, state_timestamp, name,
                                     expected_start_time, start_time, total_run_time, state_type, state_name,
                                     parameters, context, empirical_policy, labels, tags, flow_id,
                                     parent_task_run_id, run_count, auto_scheduled)
                                 VALUES (?1, ?2, ?3, ?3, ?3, 'run', ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?9, ?9, ?10, ?11, ?12,
                                     0, ?13)
                                 ON CONFLICT DO NOTHING",
                                values,
                            )
                            .await
                        } else {
                            values.extend(params![run.relative.map(flow_run_id), run.id.to_string()]);
                            tx.execute(
                                "INSERT INTO task_run (id, workspace_id, created, updated, state_timestamp, name,
                                     expected_start_time, start_time, total_run_time, state_type, state_name,
                                     empirical_policy, labels, task_inputs, tags, flow_run_id, task_key, dynamic_key,
                                     run_count, flow_run_run_count)
                                 VALUES (?1, ?2, ?3, ?3, ?3, 'run', ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?9, ?10, ?11, 'load',
                                     ?12, 0, 0)
                                 ON CONFLICT DO NOTHING",
                                values,
                            )
                            .await
                        }
                    }
                    Change::Reschedule(kind, id, to) => {
                        let values = params![WORKSPACE, id_of(*kind, *id), time(*to)];
                        tx.execute(
                            if is_flow_run(kind) {
                                "UPDATE flow_run SET expected_start_time = ?3 WHERE workspace_id = ?1 AND id = ?2"
                            } else {
                                "UPDATE task_run SET expected_start_time = ?3 WHERE workspace_id = ?1 AND id = ?2"
                            },
                            values,
                        )
                        .await
                    }
                    Change::SetState(kind, id, state, start, since) => {
                        let (state_type, state_name) = STATES[*state];
                        let values = params![
                            WORKSPACE, id_of(*kind, *id), state_type, state_name, time(*start),
                            Timestamp::from_micros(*since),
                        ];
                        tx.execute(
                            if is_flow_run(kind) {
                                "UPDATE flow_run SET state_type = ?3, state_name = ?4, start_time = ?5,
                                 state_timestamp = ?6 WHERE workspace_id = ?1 AND id = ?2"
                            } else {
                                "UPDATE task_run SET state_type = ?3, state_name = ?4, start_time = ?5,
                                 state_timestamp = ?6 WHERE workspace_id = ?1 AND id = ?2"
                            },
                            values,
                        )
                        .await
                    }
                    Change::Rename(kind) => {
                        tx.execute(
                            if is_flow_run(kind) {
                                "UPDATE flow_run SET name = 'run, renamed'"
                            } else {
                                "UPDATE task_run SET name = 'run, renamed'"
                            },
                            Vec::new(),
                        )
                        .await
                    }
                    Change::Delete(kind, id) => {
                        tx.execute(
                            if is_flow_run(kind) {
                                "DELETE FROM flow_run WHERE workspace_id = ?1 AND id = ?2"
                            } else {
                                "DELETE FROM task_run WHERE workspace_id = ?1 AND id = ?2"
                            },
                            params![WORKSPACE, id_of(*kind, *id)],
                        )
                        .await
                    }
                    Change::Orphan(id) => {
                        let text = "UPDATE flow_run SET parent_task_run_id = NULL
                                    WHERE workspace_id = ?1 AND parent_task_run_id = ?2";
                        tx.execute(text, params![WORKSPACE, task_run_id(*id)]).await
                    }
                    Change::Take | Change::Build(_) => Ok(0),
                }
            })
        })
        .await;
    changed.expect("the change is made");
}

async fn build_some(store: &Store, chosen: u64) {
    let periods =
        store.read((), |tx, ()| Box::pin(run_tallies::uncounted(tx, 40))).await.expect("the periods");
    for (number, period) in periods.into_iter().enumerate() {
        let measured = match (chosen >> (number % 16 * 4)) & 15 {
            0..4 => continue,
            4 => Measured::TooMany,
            _ => store
                .read(period, |tx, period| Box::pin(run_tallies::measure(tx, period)))
                .await
                .expect("the period is measured"),
        };
        store
            .write((period, measured), |tx, (period, measured)| {
                Box::pin(run_tallies::keep(tx, period, measured))
            })
            .await
            .expect("the counts are stored");
    }
}

fn next<T: std::fmt::Debug>(runner: &mut TestRunner, strategy: &BoxedStrategy<T>) -> T {
    strategy.new_tree(runner).expect("a value").current()
}

on_both_databases! {
    async fn answers_are_those_of_a_count_over_all_runs(store: Store) {
        let seed: [u8; 32] = *b"run tallies answer as counts do.";
        let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
        let (changes, questions) = (change(), question());
        let flow = insert_flow(&store).await;
        let mut said: Vec<Value> = Vec::new();
        for number in 0..CHANGES {
            let made = next(&mut runner, &changes);
            match &made {
                Change::Take => drop(take(&store).await),
                Change::Build(chosen) => {
                    take(&store).await;
                    build_some(&store, *chosen).await;
                }
                _ => change_one(&store, flow, made.clone()).await,
            }
            said.push(json!(format!("{made:?}")));
            if number % 3 > 0 {
                continue;
            }
            for _ in 0..4 {
                let asked = next(&mut runner, &questions);
                let (answer, exact) = ask(&store, &asked).await;
                assert_eq!(answer, exact, "{asked:#?} after {said:#?}");
            }
        }
    }
}
