//! Invariants of flow runs' transitions.

use proptest::prelude::*;
use proptest::sample::select;
use sluice_orchestration::{
    Decision, Effect, Environment, FlowFacts, FlowNeeds, FlowPolicy, FlowRun, Transition, decide_flow_run,
    flow_run_needs,
};
use sluice_wire::orchestration_results::{SetStateStatus, StateResponseDetails};
use sluice_wire::states::{State, StateType};

use crate::strategies::{current, environment, flow_facts, flow_run, proposed};

type FlowTransition = Transition<FlowRun, FlowPolicy>;

prop_compose! {
    fn transition()(
        policy in select(vec![FlowPolicy::Core, FlowPolicy::Core, FlowPolicy::Minimal, FlowPolicy::MarkLateRuns]),
        mut run in flow_run(),
        initial in current(),
        proposed in proposed(),
    ) -> FlowTransition {
        run.columns.state_type = initial.as_ref().map(|state| state.r#type);
        run.columns.state_name = initial.as_ref().map(|state| state.name.clone());
        run.columns.state_timestamp = initial.as_ref().map(|state| state.timestamp);
        Transition { policy, run, initial, proposed }
    }
}

/// What the store would have loaded.
fn loaded(needs: &FlowNeeds, all: &FlowFacts) -> FlowFacts {
    FlowFacts {
        deployment: needs.deployment.and(all.deployment.clone()),
        lease_exists: needs.lease.is_some() && all.lease_exists,
        state_timestamps: match needs.state_timestamps_from {
            Some(from) => all.state_timestamps.iter().copied().filter(|time| *time >= from).collect(),
            None => Vec::new(),
        },
    }
}

fn decide(transition: &FlowTransition, facts: &FlowFacts, environment: &Environment) -> Decision<FlowRun> {
    let needs = flow_run_needs(transition, environment);
    decide_flow_run(transition.clone(), &loaded(&needs, facts), environment)
}

fn holds_result(state: &State) -> bool {
    state.has_persisted_result() && state.data != Some(serde_json::json!({}))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_needs_name_every_fact_that_matters(
        transition in transition(), mut facts in flow_facts(), environment in environment(),
    ) {
        if transition.run.columns.state_timestamp.is_none_or(|latest| latest < transition.proposed.timestamp) {
            // No state of a run is later than its current one, as long as the clock goes forward.
            facts.state_timestamps.clear();
        }
        let with_all = decide_flow_run(transition.clone(), &facts, &environment);
        prop_assert_eq!(decide(&transition, &facts, &environment), with_all);
    }

    #[test]
    fn only_an_accepted_state_takes_a_slot_and_then_it_names_its_lease(
        transition in transition(), facts in flow_facts(), environment in environment(),
    ) {
        let decision = decide(&transition, &facts, &environment);
        let taken: Vec<_> = decision.effects.iter().filter(|effect| effect.takes_a_slot()).collect();
        if decision.status != SetStateStatus::Accept {
            prop_assert!(taken.is_empty(), "{:?}", taken);
        }
        match taken.as_slice() {
            [] => {}
            [Effect::AcquireSlots { limit_id, slots: 1, .. }, Effect::CreateLease { id, limit_ids, slots: 1, .. }] => {
                prop_assert_eq!(limit_ids, &vec![*limit_id]);
                let details = decision.state.expect("written").state_details;
                prop_assert_eq!(details.deployment_concurrency_lease_id, Some(*id));
            }
            other => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn waiting_and_aborting_write_no_state(
        transition in transition(), facts in flow_facts(), environment in environment(),
    ) {
        let decision = decide(&transition, &facts, &environment);
        let nothing_written = decision.state.is_none();
        match decision.details {
            StateResponseDetails::Accept {} => {
                prop_assert_eq!(decision.status, SetStateStatus::Accept);
                prop_assert!(!nothing_written);
            }
            StateResponseDetails::Reject { .. } => prop_assert_eq!(decision.status, SetStateStatus::Reject),
            StateResponseDetails::Abort { .. } => {
                prop_assert_eq!(decision.status, SetStateStatus::Abort);
                prop_assert!(nothing_written);
            }
            StateResponseDetails::Wait { delay_seconds, .. } => {
                prop_assert_eq!(decision.status, SetStateStatus::Wait);
                prop_assert!(nothing_written && delay_seconds > 0);
            }
        }
        if nothing_written {
            let renews = |effect: &Effect| matches!(effect, Effect::RenewLease { .. });
            prop_assert!(decision.effects.iter().all(renews), "{:?}", decision.effects);
        }
    }

    #[test]
    fn the_same_transition_twice_is_rejected_without_effects(
        transition in transition(), facts in flow_facts(), environment in environment(),
    ) {
        let first = decide(&transition, &facts, &environment);
        let again = Transition {
            policy: FlowPolicy::Core,
            run: first.run.unwrap_or_else(|| transition.run.clone()),
            initial: first.state.or(first.current),
            proposed: transition.proposed.clone(),
        };
        let carried = again.initial.as_ref().and_then(|state| state.state_details.transition_id);
        if carried.is_none() || carried != transition.proposed.state_details.transition_id {
            return Ok(()); // another state was written in its place, or none
        }
        let second = decide(&again, &facts, &environment);
        prop_assert_eq!(second.status, SetStateStatus::Reject);
        prop_assert_eq!((second.state, second.run, second.effects), (None, None, vec![]));
    }

    #[test]
    fn what_clients_propose_cannot_undo_an_end(
        mut transition in transition(), facts in flow_facts(), environment in environment(),
    ) {
        transition.policy = FlowPolicy::Core;
        let decision = decide(&transition, &facts, &environment);
        let (Some(from), Some(to)) = (&transition.initial, &decision.state) else { return Ok(()) };
        match from.r#type {
            StateType::Cancelling => prop_assert_eq!(to.r#type, StateType::Cancelled),
            StateType::Cancelled => prop_assert_ne!(to.r#type, StateType::Pending),
            StateType::Completed if holds_result(from) => {
                prop_assert!(to.is_final());
                prop_assert!(to.r#type != StateType::Completed || to.has_persisted_result());
            }
            _ => {}
        }
        if from.is_final() {
            let forbidden = [StateType::Cancelling, StateType::Paused, StateType::Crashed];
            prop_assert!(!forbidden.contains(&to.r#type));
            prop_assert!(to.r#type != StateType::Scheduled || transition.run.deployment_id.is_some());
        }
    }

    #[test]
    fn the_run_tells_its_new_state(
        transition in transition(), facts in flow_facts(), environment in environment(),
    ) {
        let decision = decide(&transition, &facts, &environment);
        let Some(state) = &decision.state else { return Ok(()) };
        let run = decision.run.clone().unwrap_or_else(|| transition.run.clone());
        prop_assert_eq!(run.columns.state_type, Some(state.r#type));
        prop_assert_eq!(run.columns.state_name.as_ref(), Some(&state.name));
        prop_assert_eq!(run.columns.state_timestamp, Some(state.timestamp));
        prop_assert_eq!(state.state_details.flow_run_id, Some(run.id));
        prop_assert!(run.columns.expected_start_time.is_some() || state.r#type == StateType::Scheduled);
        if state.is_final() {
            prop_assert!(run.columns.end_time.is_some());
        }
        if state.r#type == StateType::Running {
            prop_assert!(run.columns.start_time.is_some());
        }
        if let Some(initial) = &transition.initial {
            prop_assert_ne!(initial.timestamp, state.timestamp);
        }
        let events = decision.effects.iter().filter(|effect| **effect == Effect::EmitFlowRunStateEvent).count();
        prop_assert_eq!(events, 1);
    }
}
