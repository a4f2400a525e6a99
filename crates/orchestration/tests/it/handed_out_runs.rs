//! A run that was handed out again begins at most once for each claim, whoever asks for what, in whatever order.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use sluice_orchestration::{
    Dice, Environment, FlowFacts, FlowPolicy, FlowRun, Settings, Transition, decide_flow_run,
};
use sluice_wire::client_version::{ApiVersion, Client, ClientVersion};
use sluice_wire::ids::{DeploymentId, FlowRunId, StateId};
use sluice_wire::orchestration_results::SetStateStatus;
use sluice_wire::states::{State, StateType};
use sluice_wire::time::{TimeDelta, Timestamp};

use crate::strategies::NOW;

/// What workers, processes of either, and people ask for. Nothing says who asks.
const PROPOSALS: [(StateType, &str); 10] = [
    (StateType::Pending, "Pending"),
    (StateType::Pending, "Submitting"),
    (StateType::Pending, "InfrastructurePending"),
    (StateType::Running, "Running"),
    (StateType::Completed, "Completed"),
    (StateType::Failed, "Failed"),
    (StateType::Crashed, "Crashed"),
    (StateType::Scheduled, "AwaitingRetry"),
    (StateType::Cancelling, "Cancelling"),
    (StateType::Cancelled, "Cancelled"),
];

fn state((state_type, name): (StateType, &str), now: Timestamp) -> State {
    let mut state = State::new(state_type, StateId::random(), now);
    name.clone_into(&mut state.name);
    if state_type == StateType::Scheduled {
        state.state_details.scheduled_time = Some(NOW);
    }
    state
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_claim_is_begun_twice(proposals in vec(select(&PROPOSALS[..]), 1..40)) {
        let mut run = FlowRun { deployment_id: Some(DeploymentId::random()), ..FlowRun::new(FlowRunId::random()) };
        run.hand_outs = 1;
        let mut current = state((StateType::Scheduled, "Rescheduled"), NOW);
        let (mut claims, mut beginnings) = (0, 0);
        for (step, proposal) in (1..).zip(proposals) {
            let now = NOW + TimeDelta::from_secs(step);
            let environment = Environment {
                now,
                client: Client { version: ClientVersion::parse("3.8.8"), api_version: ApiVersion::parse("0.8.4") },
                settings: Settings::default(),
                dice: Dice::roll(0.5),
            };
            let transition = Transition {
                policy: FlowPolicy::Core,
                run: run.clone(),
                initial: Some(current.clone()),
                proposed: state(proposal, now),
            };
            let decision = decide_flow_run(transition, &FlowFacts::default(), &environment);
            if decision.status == SetStateStatus::Accept {
                claims += i32::from(proposal.1 == "Pending");
                beginnings += i32::from(proposal.1 == "Running");
            }
            run = decision.run.unwrap_or(run);
            current = decision.state.unwrap_or(current);
            prop_assert!(beginnings <= claims, "begun {beginnings} times, claimed {claims} times");
        }
    }
}

#[test]
fn without_the_fence_a_claim_is_begun_twice() {
    // What the fence is for: the property above does not hold for a run that was never handed out again.
    let run = FlowRun { deployment_id: Some(DeploymentId::random()), ..FlowRun::new(FlowRunId::random()) };
    for (hand_outs, expected) in [(0, SetStateStatus::Accept), (1, SetStateStatus::Abort)] {
        let transition = Transition {
            policy: FlowPolicy::Core,
            run: FlowRun { hand_outs, ..run.clone() },
            initial: Some(state((StateType::Running, "Running"), NOW)),
            proposed: state((StateType::Running, "Running"), NOW + TimeDelta::from_secs(1)),
        };
        let environment = Environment {
            now: NOW,
            client: Client::INTERNAL,
            settings: Settings::default(),
            dice: Dice::roll(0.5),
        };
        assert_eq!(decide_flow_run(transition, &FlowFacts::default(), &environment).status, expected);
    }
}
