//! Invariants of task runs' transitions.

use proptest::prelude::*;
use proptest::sample::select;
use sluice_orchestration::{
    Effect, TaskFacts, TaskNeeds, TaskPolicy, TaskRun, Transition, decide_task_run, task_run_needs,
};
use sluice_wire::orchestration_results::SetStateStatus;
use sluice_wire::states::StateType;

use crate::strategies::{current, environment, proposed, task_facts, task_run};

type TaskTransition = Transition<TaskRun, TaskPolicy>;

prop_compose! {
    fn transition()(
        policy in select(vec![TaskPolicy::Core, TaskPolicy::Background, TaskPolicy::Minimal]),
        mut run in task_run(),
        initial in current(),
        proposed in proposed(),
    ) -> TaskTransition {
        run.columns.state_type = initial.as_ref().map(|state| state.r#type);
        run.columns.state_name = initial.as_ref().map(|state| state.name.clone());
        run.columns.state_timestamp = initial.as_ref().map(|state| state.timestamp);
        Transition { policy, run, initial, proposed }
    }
}

/// The facts that exist for this run: limits on its own tags, and its own flow run.
fn possible(mut facts: TaskFacts, run: &TaskRun) -> TaskFacts {
    let tagged = |tag: &str| run.tags.iter().any(|own| own == tag);
    facts.tag_limits.retain(|limit| limit.name.strip_prefix("tag:").is_some_and(tagged));
    facts.legacy_tag_limits.retain(|limit| tagged(&limit.tag));
    facts.flow_run = facts.flow_run.filter(|_| run.flow_run_id.is_some());
    facts
}

/// What the store would have loaded.
fn loaded(needs: &TaskNeeds, all: &TaskFacts) -> TaskFacts {
    TaskFacts {
        flow_run: needs.flow_run.and(all.flow_run.clone()),
        tag_limits: if needs.tag_limits { all.tag_limits.clone() } else { Vec::new() },
        legacy_tag_limits: if needs.tag_limits { all.legacy_tag_limits.clone() } else { Vec::new() },
        leases: if needs.leases_of.is_some() { all.leases.clone() } else { Vec::new() },
        cached_state: needs.cached_state.as_ref().and(all.cached_state.clone()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_needs_name_every_fact_that_matters(
        transition in transition(), facts in task_facts(), environment in environment(),
    ) {
        let facts = possible(facts, &transition.run);
        let needs = task_run_needs(&transition, &environment);
        let with_needed = decide_task_run(transition.clone(), &loaded(&needs, &facts), &environment);
        prop_assert_eq!(with_needed, decide_task_run(transition, &facts, &environment));
    }

    #[test]
    fn only_an_accepted_running_state_takes_slots_all_under_one_lease(
        transition in transition(), facts in task_facts(), environment in environment(),
    ) {
        let facts = possible(facts, &transition.run);
        let Ok(decision) = decide_task_run(transition, &facts, &environment) else { return Ok(()) };
        let (mut acquired, mut leased, mut held) = (Vec::new(), Vec::new(), false);
        for effect in &decision.effects {
            match effect {
                Effect::AcquireSlots { limit_id, .. } => acquired.push(*limit_id),
                Effect::CreateLease { limit_ids, .. } => leased.extend(limit_ids.iter().copied()),
                Effect::HoldLegacyTagSlot { .. } => held = true,
                _ => {}
            }
        }
        prop_assert_eq!(&acquired, &leased);
        if held || !acquired.is_empty() {
            prop_assert_eq!(decision.status, SetStateStatus::Accept);
            prop_assert_eq!(decision.state.map(|state| state.r#type), Some(StateType::Running));
        }
    }

    #[test]
    fn nothing_happens_when_no_state_is_written(
        transition in transition(), facts in task_facts(), environment in environment(),
    ) {
        let facts = possible(facts, &transition.run);
        let Ok(decision) = decide_task_run(transition, &facts, &environment) else { return Ok(()) };
        if matches!(decision.status, SetStateStatus::Wait | SetStateStatus::Abort) {
            prop_assert_eq!(&decision.state, &None);
        }
        if decision.state.is_none() {
            prop_assert_eq!((decision.run, decision.effects), (None, vec![]));
        }
    }

    #[test]
    fn the_run_tells_its_new_state(
        transition in transition(), facts in task_facts(), environment in environment(),
    ) {
        let facts = possible(facts, &transition.run);
        let before = transition.run.clone();
        let Ok(decision) = decide_task_run(transition, &facts, &environment) else { return Ok(()) };
        let Some(state) = decision.state else { return Ok(()) };
        let run = decision.run.unwrap_or(before);
        prop_assert_eq!(run.columns.state_type, Some(state.r#type));
        prop_assert_eq!(run.columns.state_name, Some(state.name));
        prop_assert_eq!(run.columns.state_timestamp, Some(state.timestamp));
        prop_assert_eq!(state.state_details.task_run_id, Some(run.id));
        prop_assert_eq!(state.state_details.flow_run_id, run.flow_run_id);
    }
}
