//! Transitions that were made by the reference, and what it answered: we answer the same.
//!
//! `reference_cases.jsonl` is a random sample of pairs of states under every policy, with and without deployments,
//! limits, retries and pauses, recorded with Prefect 3.8.8. A line holds the run before, its state, the proposed
//! state, the answer, the run after, and the slots of the deployment that are then taken.

#![expect(clippy::expect_used, reason = "helpers of a test")]

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sluice_orchestration::slots::{ConcurrencyLimit, SlotCounters};
use sluice_orchestration::{
    CollisionStrategy, Deployment, Dice, Effect, Environment, FlowFacts, FlowPolicy, FlowRun, ParentFlowRun,
    RunColumns, Settings, TaskFacts, TaskPolicy, TaskRun, Transition, decide_flow_run, decide_task_run,
};
use sluice_wire::client_version::{ApiVersion, Client, ClientVersion};
use sluice_wire::ids::{ConcurrencyLimitId, DeploymentId, FlowRunId, TaskRunId};
use sluice_wire::orchestration_results::OrchestrationResult;
use sluice_wire::run_policies::{FlowRunPolicy, TaskRunPolicy};
use sluice_wire::states::State;
use sluice_wire::time::{TimeDelta, Timestamp};

fn read<T: DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).expect("a recorded value")
}

fn columns(before: &Value, initial: Option<&State>) -> RunColumns {
    let time = |name: &str| (before[name] == true).then_some(Timestamp::EPOCH);
    RunColumns {
        state_type: initial.map(|state| state.r#type),
        state_name: initial.map(|state| state.name.clone()),
        state_timestamp: initial.map(|state| state.timestamp),
        run_count: before["run_count"].as_i64().expect("a number"),
        start_time: time("start"),
        end_time: time("end"),
        total_run_time: TimeDelta::ZERO,
        expected_start_time: time("exp"),
        next_scheduled_start_time: time("next"),
    }
}

fn columns_after(columns: &RunColumns, policy: impl Serialize) -> Value {
    json!({
        "run_count": columns.run_count,
        "start": columns.start_time.is_some(),
        "end": columns.end_time.is_some(),
        "exp": columns.expected_start_time.is_some(),
        "next": columns.next_scheduled_start_time.is_some(),
        "state_type": columns.state_type,
        "state_name": columns.state_name,
        "policy": without_random_keys(serde_json::to_value(policy).expect("writes")),
    })
}

/// The recorded run after the transition, with the defaults of its policy.
fn recorded_after<P: Serialize + DeserializeOwned>(after: &Value) -> Value {
    let mut after = after.clone();
    let policy: P = read(&after["policy"]);
    after["policy"] = without_random_keys(serde_json::to_value(policy).expect("writes"));
    after
}

/// A pause without a key gets a random one.
fn without_random_keys(mut policy: Value) -> Value {
    for key in policy.get_mut("pause_keys").and_then(Value::as_array_mut).into_iter().flatten() {
        if key.as_str().is_some_and(|key| key.len() == 36) {
            *key = json!("random");
        }
    }
    if let Some(keys) = policy.get_mut("pause_keys").and_then(Value::as_array_mut) {
        keys.sort_by_key(Value::to_string);
    }
    policy
}

/// Without what differs from run to run: ids, times (but whether there is one), a lease (but whether it is there).
fn stripped(result: OrchestrationResult) -> Value {
    let mut result = serde_json::to_value(result).expect("writes");
    if let Some(state) = result["state"].as_object_mut() {
        state.remove("id");
        state.remove("timestamp");
        let details = state["state_details"].as_object_mut().expect("an object");
        for name in ["flow_run_id", "task_run_id", "deployment_concurrency_lease_id", "scheduled_time"] {
            details[name] = json!(!details[name].is_null());
        }
    }
    if let Some(delay) = result["details"].get_mut("delay_seconds") {
        *delay = json!(delay.as_i64().expect("a number") > 80_000);
    }
    if let Some(Value::String(reason)) = result["details"].get_mut("reason")
        && reason.starts_with("The flow is paused")
    {
        reason.truncate(60);
    }
    result
}

fn environment(proposed: &State) -> Environment {
    Environment {
        now: proposed.timestamp + TimeDelta::from_micros(5),
        client: Client { version: ClientVersion::parse("3.8.8"), api_version: ApiVersion::parse("0.8.4") },
        settings: Settings::default(),
        dice: Dice::roll(0.5),
    }
}

#[test]
fn transitions_end_as_in_the_reference() {
    for line in include_str!("reference_cases.jsonl").lines() {
        let case: Value = serde_json::from_str(line).expect("JSON");
        let (ours, theirs) = if case["kind"] == "flow" { flow(&case) } else { task(&case) };
        assert_eq!(ours, theirs, "{line}");
    }
}

fn flow(case: &Value) -> (Value, Value) {
    let initial: Option<State> = read(&case["initial"]);
    let proposed: State = read(&case["proposed"]);
    let environment = environment(&proposed);
    let policy = match case["policy"].as_str() {
        Some("Core") => FlowPolicy::Core,
        Some("Minimal") => FlowPolicy::Minimal,
        _ => FlowPolicy::MarkLateRuns,
    };
    let dep = &case["dep"];
    let mut run = FlowRun::new(FlowRunId::random());
    run.deployment_id = (!dep.is_null()).then(DeploymentId::random);
    run.empirical_policy = read(&case["before"]["policy"]);
    run.columns = columns(&case["before"], initial.as_ref());
    let active = dep["active"].as_i64().unwrap_or_default();
    let deployment = (!dep.is_null()).then(|| Deployment {
        concurrency_limit: dep["limit"].as_i64().map(|limit| ConcurrencyLimit {
            id: ConcurrencyLimitId::random(),
            name: "deployment".to_owned(),
            active: true,
            limit,
            slot_decay_per_second: 0.0,
            counters: SlotCounters {
                active_slots: active,
                denied_slots: 0,
                avg_slot_occupancy_seconds: 2.0,
                updated: proposed.timestamp,
            },
        }),
        collision_strategy: if dep["cancel"] == true {
            CollisionStrategy::CancelNew
        } else {
            CollisionStrategy::Enqueue
        },
        grace_period: None,
    });
    let facts = FlowFacts { deployment, ..FlowFacts::default() };
    let decision =
        decide_flow_run(Transition { policy, run: run.clone(), initial, proposed }, &facts, &environment);
    let after = decision.run.clone().unwrap_or(run);
    let slots: i64 = decision
        .effects
        .iter()
        .map(|effect| match effect {
            Effect::AcquireSlots { slots, .. } => *slots,
            Effect::ReleaseSlots { slots, .. } => -slots,
            _ => 0,
        })
        .sum();
    let slots = if dep["limit"].is_null() { Value::Null } else { json!((active + slots).max(0)) };
    let ours = json!([
        stripped(decision.into_result()),
        columns_after(&after.columns, &after.empirical_policy),
        slots
    ]);
    let after = recorded_after::<FlowRunPolicy>(&case["after"]);
    let theirs = json!([stripped(read(&case["result"])), after, case["slots"]]);
    (ours, theirs)
}

fn task(case: &Value) -> (Value, Value) {
    let initial: Option<State> = read(&case["initial"]);
    let proposed: State = read(&case["proposed"]);
    let environment = environment(&proposed);
    let policy = match case["policy"].as_str() {
        Some("Core") => TaskPolicy::Core,
        Some("Minimal") => TaskPolicy::Minimal,
        _ => TaskPolicy::Background,
    };
    let mut run = TaskRun::new(TaskRunId::random());
    run.empirical_policy = read(&case["before"]["policy"]);
    run.columns = columns(&case["before"], initial.as_ref());
    run.flow_run_run_count = case["before"]["frc"].as_i64().expect("a number");
    let flow = &case["flow"];
    let flow_run = (!flow.is_null()).then(|| ParentFlowRun {
        id: read(&flow["id"]),
        state: read(&flow["state"]),
        run_count: flow["run_count"].as_i64().expect("a number"),
    });
    run.flow_run_id = flow_run.as_ref().map(|flow_run| flow_run.id);
    let facts = TaskFacts { flow_run, ..TaskFacts::default() };
    let transition = Transition { policy, run: run.clone(), initial, proposed };
    let decision = decide_task_run(transition, &facts, &environment).expect("the flow run exists");
    let after = decision.run.clone().unwrap_or(run);
    let mut columns = columns_after(&after.columns, &after.empirical_policy);
    columns["frc"] = json!(after.flow_run_run_count);
    let ours = json!([stripped(decision.into_result()), columns]);
    let after = recorded_after::<TaskRunPolicy>(&case["after"]);
    let theirs = json!([stripped(read(&case["result"])), after]);
    (ours, theirs)
}
