//! Random runs, states, facts and clients. Values come from small sets, so that they often meet.

use proptest::collection::vec;
use proptest::option::{of, weighted};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use sluice_orchestration::slots::{ConcurrencyLimit, SlotCounters};
use sluice_orchestration::{
    CollisionStrategy, Deployment, Dice, Environment, FlowFacts, FlowRun, LegacyTagLimit, ParentFlowRun,
    RunColumns, Settings, TaskFacts, TaskLease, TaskRun,
};
use sluice_wire::client_version::{ApiVersion, Client, ClientVersion};
use sluice_wire::ids::{ConcurrencyLimitId, DeploymentId, FlowRunId, LeaseId, StateId, TaskRunId};
use sluice_wire::run_policies::{FlowRunPolicy, RetryDelay, RetryType, TaskRunPolicy};
use sluice_wire::states::{State, StateDetails, StateType};
use sluice_wire::time::{TimeDelta, Timestamp};
use uuid::Uuid;

pub(crate) const NOW: Timestamp = Timestamp::from_micros(1_795_336_300_000_000);

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn time() -> impl Strategy<Value = Timestamp> {
    select(vec![-3_600_000_000, -1, 0, 1, 2, 600_000, 9_000_000])
        .prop_map(|micros| NOW + TimeDelta::from_micros(micros))
}

fn data() -> impl Strategy<Value = Option<Value>> {
    select(vec![
        None,
        Some(json!({})),
        Some(json!("text")),
        Some(json!({"type": "unpersisted"})),
        Some(json!({"type": "reference", "artifact_key": "key"})),
    ])
}

prop_compose! {
    fn details()(
        scheduled_time in of(time()),
        cache_key in of(select(vec!["", "key"])),
        deferred in of(any::<bool>()),
        pause_timeout in of(time()),
        pause_reschedule in any::<bool>(),
        pause_key in of(select(vec!["fired", "new"])),
        refresh_cache in of(any::<bool>()),
        retriable in of(any::<bool>()),
        transition_id in of(1_u128..3),
        lease in of(1_u128..3),
    ) -> StateDetails {
        StateDetails {
            scheduled_time,
            cache_key: cache_key.map(str::to_owned),
            deferred,
            pause_timeout,
            pause_reschedule,
            pause_key: pause_key.map(str::to_owned),
            refresh_cache,
            retriable,
            transition_id: transition_id.map(id),
            deployment_concurrency_lease_id: lease.map(|number| LeaseId(id(number))),
            ..StateDetails::default()
        }
    }
}

prop_compose! {
    fn state(id_number: u128, timestamps: Vec<Timestamp>)(
        state_type in select(StateType::ALL.to_vec()),
        other_name in of(select(vec!["", "Late", "Submitting", "Resuming", "Suspended", "AwaitingRetry"])),
        timestamp in select(timestamps),
        data in data(),
        state_details in details(),
    ) -> State {
        let mut state = State::new(state_type, StateId(id(id_number)), timestamp);
        state.name = other_name.unwrap_or(state_type.default_name()).to_owned();
        state.data = data;
        state.state_details = state_details;
        state
    }
}

/// The current state of a run.
pub(crate) fn current() -> impl Strategy<Value = Option<State>> {
    let second_ago = NOW - TimeDelta::from_secs(1);
    weighted(0.9, state(100, vec![second_ago, NOW, NOW + TimeDelta::from_micros(1)]))
}

/// A state that a client proposes now.
pub(crate) fn proposed() -> impl Strategy<Value = State> {
    state(200, vec![NOW])
}

prop_compose! {
    fn columns()(
        run_count in 0_i64..4,
        start_time in of(time()),
        end_time in of(time()),
        expected_start_time in of(time()),
        next_scheduled_start_time in of(time()),
    ) -> RunColumns {
        RunColumns {
            run_count,
            start_time,
            end_time,
            expected_start_time,
            next_scheduled_start_time,
            ..RunColumns::default()
        }
    }
}

prop_compose! {
    pub(crate) fn flow_run()(
        deployed in any::<bool>(),
        parent in weighted(0.2, Just(TaskRunId(id(7)))),
        infrastructure_pid in of(select(vec!["", "host:42"])),
        retries in of(0_i64..3),
        retry_delay in of(0_i64..9),
        fired in any::<bool>(),
        resuming in of(any::<bool>()),
        retry_type in of(select(vec![RetryType::InProcess, RetryType::Reschedule])),
        columns in columns(),
    ) -> FlowRun {
        FlowRun {
            deployment_id: deployed.then_some(DeploymentId(id(8))),
            parent_task_run_id: parent,
            infrastructure_pid: infrastructure_pid.map(str::to_owned),
            empirical_policy: FlowRunPolicy {
                retries,
                retry_delay,
                pause_keys: fired.then(|| ["fired".to_owned()].into()),
                resuming,
                retry_type,
                ..FlowRunPolicy::default()
            },
            columns,
            ..FlowRun::new(FlowRunId(id(9)))
        }
    }
}

prop_compose! {
    pub(crate) fn task_run()(
        in_flow in any::<bool>(),
        tags in vec(select(vec!["a", "b"]), 0..3),
        retries in of(0_i64..3),
        retry_delay in of(select(vec![
            RetryDelay::Whole(5),
            RetryDelay::Fraction(0.5),
            RetryDelay::WholeList(vec![]),
            RetryDelay::FractionList(vec![0.5, 1.0]),
        ])),
        retry_jitter_factor in of(select(vec![0.0, 0.5, 1e9])),
        flow_run_run_count in 0_i64..3,
        columns in columns(),
    ) -> TaskRun {
        TaskRun {
            flow_run_id: in_flow.then_some(FlowRunId(id(9))),
            tags: tags.into_iter().map(str::to_owned).collect(),
            empirical_policy: TaskRunPolicy {
                retries,
                retry_delay,
                retry_jitter_factor,
                ..TaskRunPolicy::default()
            },
            flow_run_run_count,
            columns,
            ..TaskRun::new(TaskRunId(id(10)))
        }
    }
}

prop_compose! {
    fn limit(number: u128, name: &'static str)(
        active in weighted(0.9, Just(())),
        limit in 0_i64..4,
        slot_decay_per_second in select(vec![0.0, 0.0, 0.5]),
        active_slots in 0_i64..4,
        denied_slots in 0_i64..9,
        avg_slot_occupancy_seconds in select(vec![0.0, 2.0, 600.0]),
        updated in time(),
    ) -> ConcurrencyLimit {
        ConcurrencyLimit {
            id: ConcurrencyLimitId(id(number)),
            name: name.to_owned(),
            active: active.is_some(),
            limit,
            slot_decay_per_second,
            counters: SlotCounters { active_slots, denied_slots, avg_slot_occupancy_seconds, updated },
        }
    }
}

prop_compose! {
    pub(crate) fn flow_facts()(
        deployment in weighted(0.9, (
            weighted(0.8, limit(11, "deployment:8")),
            select(vec![CollisionStrategy::Enqueue, CollisionStrategy::CancelNew]),
            of(Just(TimeDelta::from_secs(60))),
        )),
        lease_exists in any::<bool>(),
        state_timestamps in vec(time(), 0..5),
    ) -> FlowFacts {
        let deployment = deployment.map(|(concurrency_limit, collision_strategy, grace_period)| Deployment {
            concurrency_limit,
            collision_strategy,
            grace_period,
        });
        FlowFacts { deployment, lease_exists, state_timestamps }
    }
}

prop_compose! {
    pub(crate) fn task_facts()(
        flow_run in weighted(0.95, (weighted(0.95, state(300, vec![NOW])), 0_i64..3)),
        a in weighted(0.7, limit(12, "tag:a")),
        b in weighted(0.7, limit(13, "tag:b")),
        legacy in weighted(0.5, (0_i64..3, vec(select(vec![10_u128, 20, 21]), 0..3))),
        holds_lease in any::<bool>(),
        cached_state in of(state(400, vec![NOW - TimeDelta::from_secs(60)])),
    ) -> TaskFacts {
        TaskFacts {
            flow_run: flow_run.map(|(state, run_count)| ParentFlowRun {
                id: FlowRunId(id(9)),
                state,
                run_count,
            }),
            tag_limits: a.into_iter().chain(b).collect(),
            legacy_tag_limits: legacy
                .map(|(limit, holders)| LegacyTagLimit {
                    id: id(14),
                    tag: "b".to_owned(),
                    limit,
                    holders: holders.into_iter().map(|number| TaskRunId(id(number))).collect(),
                })
                .into_iter()
                .collect(),
            leases: holds_lease
                .then(|| TaskLease { id: LeaseId(id(5)), limit_ids: vec![ConcurrencyLimitId(id(12))] })
                .into_iter()
                .collect(),
            cached_state: cached_state
                .map(|state| State { r#type: StateType::Completed, name: "Completed".to_owned(), ..state }),
        }
    }
}

prop_compose! {
    pub(crate) fn environment()(
        version in of(select(vec!["3.8.8", "3.4.10", "3.0.3"])),
        api_version in of(select(vec![(0, 8, 2), (0, 8, 3), (0, 8, 4)])),
        uniform in 0.0..1.0_f64,
    ) -> Environment {
        Environment {
            now: NOW,
            client: Client {
                version: version.and_then(ClientVersion::parse),
                api_version: api_version.map(|(major, minor, patch)| ApiVersion::new(major, minor, patch)),
            },
            settings: Settings::default(),
            dice: Dice::roll(uniform),
        }
    }
}
