//! Builders for the tables of cases beside rules and transforms.

use sluice_wire::client_version::{ApiVersion, Client, ClientVersion};
use sluice_wire::ids::{
    ArtifactId, ConcurrencyLimitId, DeploymentId, FlowRunId, LeaseId, StateId, TaskRunId,
};
use sluice_wire::orchestration_results::StateResponseDetails;
use sluice_wire::states::{State, StateType};
use sluice_wire::time::Timestamp;
use uuid::Uuid;

use crate::context::Run;
use crate::decide::{Decision, FlowRunMissing, Owner, Transition, decide, decide_flow_run, decide_task_run};
use crate::environment::{Dice, Environment, Settings};
use crate::facts::{CollisionStrategy, Deployment, FlowFacts, FlowRun, LegacyTagLimit, TaskFacts, TaskRun};
use crate::needs::{FlowNeeds, TaskNeeds, flow_run_needs, task_run_needs};
use crate::policies::{FlowPolicy, Rule, Step, TaskPolicy, Transform};
use crate::slots::{ConcurrencyLimit, SlotCounters};

pub(crate) const NOW: Timestamp = Timestamp::from_micros(1_795_336_300_000_000);
pub(crate) const FLOW_RUN: FlowRunId = FlowRunId(Uuid::from_u128(1));
pub(crate) const TASK_RUN: TaskRunId = TaskRunId(Uuid::from_u128(2));
pub(crate) const NEW_LEASE: LeaseId = LeaseId(Uuid::from_u128(3));

/// A transition of a flow run to be filled in.
pub(crate) fn flow() -> Trial<FlowRun> {
    Trial::new(FlowRun::new(FLOW_RUN), FlowFacts::default())
}

/// A transition of a task run to be filled in.
pub(crate) fn task() -> Trial<TaskRun> {
    Trial::new(TaskRun::new(TASK_RUN), TaskFacts::default())
}

pub(crate) struct Trial<R: Run> {
    run: R,
    initial: Option<State>,
    proposed: State,
    facts: R::Facts,
    environment: Environment,
}

impl<R: Run> Trial<R> {
    fn new(run: R, facts: R::Facts) -> Self {
        let environment = Environment {
            now: NOW,
            client: Client {
                version: ClientVersion::parse("3.8.8"),
                api_version: ApiVersion::parse("0.8.4"),
            },
            settings: Settings::default(),
            dice: Dice {
                uniform: 0.5,
                replacement_state_id: StateId(Uuid::from_u128(10)),
                parent_task_run_state_id: StateId(Uuid::from_u128(11)),
                lease_id: NEW_LEASE,
                artifact_id: ArtifactId(Uuid::from_u128(12)),
                pause_key: Uuid::from_u128(13),
            },
        };
        Self { run, initial: None, proposed: state(StateType::Scheduled), facts, environment }
    }

    pub(crate) fn run(mut self, change: impl FnOnce(&mut R)) -> Self {
        change(&mut self.run);
        self
    }

    pub(crate) fn facts(mut self, change: impl FnOnce(&mut R::Facts)) -> Self {
        change(&mut self.facts);
        self
    }

    pub(crate) fn settings(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.environment.settings);
        self
    }

    pub(crate) fn client_version(mut self, version: Option<&str>) -> Self {
        self.environment.client.version = version.and_then(ClientVersion::parse);
        self
    }

    pub(crate) fn api_version(mut self, version: Option<ApiVersion>) -> Self {
        self.environment.client.api_version = version;
        self
    }

    pub(crate) fn from(mut self, state: State) -> Self {
        let columns = self.run.columns_mut();
        columns.state_type = Some(state.r#type);
        columns.state_name = Some(state.name.clone());
        self.initial = Some(state);
        self
    }

    pub(crate) fn to(mut self, state: State) -> Self {
        self.proposed = state;
        self
    }

    fn steps(self, steps: &[Step<R>]) -> Decision<R> {
        let Self { run, initial, proposed, facts, environment } = self;
        let transition = Transition { policy: (), run, initial, proposed };
        decide(steps, &[], transition, &facts, &environment, Owner::FlowRun(FLOW_RUN)).0
    }

    /// What this rule alone makes of it.
    pub(crate) fn rule<X: Rule<R>>(self) -> Decision<R> {
        self.steps(&[Step::rule::<X>()])
    }

    /// What this transform alone makes of it.
    pub(crate) fn transform<X: Transform<R>>(self) -> Decision<R> {
        self.steps(&[Step::transform::<X>()])
    }
}

impl Trial<FlowRun> {
    /// Gives the run a deployment, of which the store finds this.
    pub(crate) fn deployed(self, deployment: Option<Deployment>) -> Self {
        self.run(|run| run.deployment_id = Some(DeploymentId(Uuid::from_u128(4))))
            .facts(|facts| facts.deployment = deployment)
    }

    pub(crate) fn decide(self, policy: FlowPolicy) -> Decision<FlowRun> {
        let Self { run, initial, proposed, facts, environment } = self;
        decide_flow_run(Transition { policy, run, initial, proposed }, &facts, &environment)
    }

    pub(crate) fn needs(self) -> FlowNeeds {
        self.needs_of(FlowPolicy::Core)
    }

    pub(crate) fn needs_of(self, policy: FlowPolicy) -> FlowNeeds {
        let Self { run, initial, proposed, environment, .. } = self;
        flow_run_needs(&Transition { policy, run, initial, proposed }, &environment)
    }
}

impl Trial<TaskRun> {
    pub(crate) fn decide(self, policy: TaskPolicy) -> Decision<TaskRun> {
        let Self { run, initial, proposed, facts, environment } = self;
        decide_task_run(Transition { policy, run, initial, proposed }, &facts, &environment)
            .expect("the flow run exists")
    }

    pub(crate) fn try_decide(self) -> Result<Decision<TaskRun>, FlowRunMissing> {
        let Self { run, initial, proposed, facts, environment } = self;
        decide_task_run(Transition { policy: TaskPolicy::Core, run, initial, proposed }, &facts, &environment)
    }

    pub(crate) fn needs(self) -> TaskNeeds {
        let Self { run, initial, proposed, environment, .. } = self;
        task_run_needs(&Transition { policy: TaskPolicy::Core, run, initial, proposed }, &environment)
    }
}

/// A state of this type, entered now.
pub(crate) fn state(state_type: StateType) -> State {
    State::new(state_type, StateId::random(), NOW)
}

/// As [`state`], with a name.
pub(crate) fn named(state_type: StateType, name: &str) -> State {
    State { name: name.to_owned(), ..state(state_type) }
}

/// As [`state`], with data.
pub(crate) fn with_data(state_type: StateType, data: serde_json::Value) -> State {
    State { data: Some(data), ..state(state_type) }
}

/// As [`state`], with the lease of a deployment's slot.
pub(crate) fn leased(state_type: StateType, lease_id: LeaseId) -> State {
    let mut state = state(state_type);
    state.state_details.deployment_concurrency_lease_id = Some(lease_id);
    state
}

/// A SCHEDULED state.
pub(crate) fn scheduled_at(time: Timestamp) -> State {
    let mut state = state(StateType::Scheduled);
    state.state_details.scheduled_time = Some(time);
    state
}

/// An active limit without decay.
pub(crate) fn limit(name: &str, limit: i64, active_slots: i64) -> ConcurrencyLimit {
    ConcurrencyLimit {
        id: ConcurrencyLimitId::random(),
        name: name.to_owned(),
        active: true,
        limit,
        slot_decay_per_second: 0.0,
        counters: SlotCounters {
            active_slots,
            denied_slots: 0,
            avg_slot_occupancy_seconds: 2.0,
            updated: NOW,
        },
    }
}

/// A limit of the older kind.
pub(crate) fn legacy_limit(tag: &str, limit: i64, holders: &[TaskRunId]) -> LegacyTagLimit {
    LegacyTagLimit { id: Uuid::new_v4(), tag: tag.to_owned(), limit, holders: holders.to_vec() }
}

/// A deployment whose runs wait when its limit is full.
pub(crate) fn deployment_with_limit(limit: ConcurrencyLimit) -> Deployment {
    Deployment {
        concurrency_limit: Some(limit),
        collision_strategy: CollisionStrategy::Enqueue,
        grace_period: None,
    }
}

/// The words in the answer, when it has some.
pub(crate) fn reason<R>(decision: &Decision<R>) -> &str {
    match &decision.details {
        StateResponseDetails::Accept {} => "",
        StateResponseDetails::Reject { reason }
        | StateResponseDetails::Abort { reason }
        | StateResponseDetails::Wait { reason, .. } => reason.as_deref().unwrap_or_default(),
    }
}
