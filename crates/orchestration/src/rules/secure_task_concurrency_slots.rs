//! As many task runs with a tag run at once as the tag's concurrency limit says.

use sluice_wire::states::StateType;

use super::remove_deployment_concurrency_lease_for_old_client_versions::ENDLESS;
use crate::context::Context;
use crate::effects::{Effect, LeaseHolder};
use crate::facts::TaskRun;
use crate::needs::{Question, TaskNeeds};
use crate::policies::{Rule, StateSet};
use crate::slots::{self, ConcurrencyLimit};
use crate::verdict::Verdict;

/// Takes a slot of every limit on the task run's tags, or none: then the task waits; a limit of zero stops it.
///
/// Limits named `tag:<tag>` come first, under one lease; limits of the older kind count for the other tags.
///
/// The reference goes on after a limit of zero or a full one, so the last such limit words the answer; it then leaves
/// slots taken that nobody gives back. Here the answer is the same, and the slots are not taken.
pub struct SecureTaskConcurrencySlots;

impl Rule<TaskRun> for SecureTaskConcurrencySlots {
    const NAME: &'static str = "SecureTaskConcurrencySlots";
    const FROM: StateSet = StateSet::ALL;
    const TO: StateSet = StateSet::of(&[StateType::Running]);

    fn needs(question: &Question<'_, TaskRun>, needs: &mut TaskNeeds) {
        needs.tag_limits |= !question.run.tags.is_empty();
    }

    fn before(context: &mut Context<'_, TaskRun>) -> Verdict {
        let verdict = match secure_tag_limits(context) {
            // A full limit of the newer kind ends the matter; a limit of zero does not.
            wait @ Verdict::Wait { .. } => return wait,
            verdict => secure_legacy_limits(context, verdict),
        };
        if verdict != Verdict::Proceed {
            context.withdraw_effects();
        }
        verdict
    }

    fn cleanup(context: &mut Context<'_, TaskRun>) {
        context.withdraw_effects();
    }
}

fn secure_tag_limits(context: &mut Context<'_, TaskRun>) -> Verdict {
    let environment = context.environment;
    let active = context.facts.tag_limits.iter().filter(|limit| limit.active);
    let (closed, limits): (Vec<_>, Vec<&ConcurrencyLimit>) = active.partition(|limit| limit.limit == 0);
    let verdict = match closed.last() {
        Some(limit) => Verdict::abort(deadlock(tag(limit))),
        None => Verdict::Proceed,
    };
    if limits.is_empty() {
        return verdict;
    }
    let slot_settings = &environment.settings.slots;
    let Some(taken) = slots::acquire(&limits, 1, environment.now, slot_settings) else {
        let tags: Vec<&str> = limits.iter().map(|limit| tag(limit)).collect();
        return Verdict::wait(
            slots::tag_wait_seconds(&limits, slot_settings, environment.dice.uniform),
            format!("Concurrency limit reached for tags: {}", tags.join(", ")),
        );
    };
    for (limit, counters) in limits.iter().zip(taken) {
        context.effect(Effect::AcquireSlots { limit_id: limit.id, slots: 1, counters });
    }
    context.effect(Effect::CreateLease {
        id: environment.dice.lease_id,
        limit_ids: limits.iter().map(|limit| limit.id).collect(),
        slots: 1,
        holder: LeaseHolder::TaskRun(context.run.id),
        expires_at: environment.now + ENDLESS,
    });
    verdict
}

#[expect(clippy::cast_possible_truncation, reason = "a setting of seconds; the cast saturates")]
fn secure_legacy_limits(context: &mut Context<'_, TaskRun>, mut verdict: Verdict) -> Verdict {
    let facts = context.facts;
    let task_run_id = context.run.id;
    let limited_anew = |name: &str| facts.tag_limits.iter().any(|limit| limit.active && tag(limit) == name);
    for limit in facts.legacy_tag_limits.iter().filter(|limit| !limited_anew(&limit.tag)) {
        let taken = i64::try_from(limit.holders.len()).unwrap_or(i64::MAX);
        if limit.limit == 0 {
            verdict = Verdict::abort(deadlock(&limit.tag));
        } else if taken >= limit.limit {
            let wait = context.environment.settings.slots.tag_wait_seconds as i64;
            verdict =
                Verdict::wait(wait, format!("Concurrency limit for the {} tag has been reached", limit.tag));
        } else {
            context.effect(Effect::HoldLegacyTagSlot { limit_id: limit.id, task_run_id });
        }
    }
    verdict
}

fn tag(limit: &ConcurrencyLimit) -> &str {
    limit.name.strip_prefix("tag:").unwrap_or(&limit.name)
}

fn deadlock(tag: &str) -> String {
    format!("The concurrency limit on tag \"{tag}\" is 0 and will deadlock if the task tries to run again.")
}

#[cfg(test)]
mod tests {
    use sluice_wire::ids::{FlowRunId, TaskRunId};
    use sluice_wire::orchestration_results::SetStateStatus::{self, Abort, Accept, Wait};
    use sluice_wire::orchestration_results::StateResponseDetails;
    use sluice_wire::states::StateType::{Pending, Running};
    use sluice_wire::time::TimeDelta;

    use super::{ENDLESS, SecureTaskConcurrencySlots, deadlock};
    use crate::decide::Decision;
    use crate::effects::{Effect, LeaseHolder};
    use crate::facts::{LegacyTagLimit, TaskRun};
    use crate::policies::TaskPolicy;
    use crate::slots::ConcurrencyLimit;
    use crate::testing::{NEW_LEASE, NOW, TASK_RUN, legacy_limit, limit, reason, state, task};

    fn start(limits: &[ConcurrencyLimit], legacy: &[LegacyTagLimit]) -> Decision<TaskRun> {
        task()
            .run(|run| run.tags = vec!["a".to_owned(), "b".to_owned()])
            .facts(|facts| (facts.tag_limits, facts.legacy_tag_limits) = (limits.to_vec(), legacy.to_vec()))
            .from(state(Pending))
            .to(state(Running))
            .rule::<SecureTaskConcurrencySlots>()
    }

    #[test]
    fn every_tag_gives_a_slot_under_one_lease() {
        let (a, b) = (limit("tag:a", 1, 0), limit("tag:b", 3, 2));
        let decision = start(&[a.clone(), b.clone()], &[]);
        assert_eq!(decision.status, Accept);
        let [Effect::AcquireSlots { counters: of_a, .. }, Effect::AcquireSlots { counters: of_b, .. }, lease] =
            decision.effects.as_slice()
        else {
            panic!("{:?}", decision.effects)
        };
        assert_eq!((of_a.active_slots, of_b.active_slots), (1, 3));
        let expected = Effect::CreateLease {
            id: NEW_LEASE,
            limit_ids: vec![a.id, b.id],
            slots: 1,
            holder: LeaseHolder::TaskRun(TASK_RUN),
            expires_at: NOW + ENDLESS,
        };
        assert_eq!(*lease, expected);
    }

    #[test]
    fn limits_of_the_older_kind_count_for_tags_without_a_newer_one() {
        let other = TaskRunId::random();
        let (of_a, of_b) = (legacy_limit("a", 1, &[other]), legacy_limit("b", 2, &[other]));
        let decision = start(&[limit("tag:a", 1, 0)], &[of_a, of_b.clone()]);
        assert_eq!(decision.status, Accept);
        let held = Effect::HoldLegacyTagSlot { limit_id: of_b.id, task_run_id: TASK_RUN };
        assert_eq!(decision.effects.last(), Some(&held));
        assert_eq!(decision.effects.len(), 3);
    }

    #[test]
    fn a_full_or_closed_tag_takes_no_slot_at_all() {
        let other = TaskRunId::random();
        let reached = |tags: &str| format!("Concurrency limit reached for tags: {tags}");
        let full = |tag: &str| format!("Concurrency limit for the {tag} tag has been reached");
        let inactive = ConcurrencyLimit { active: false, ..limit("tag:a", 0, 0) };
        type Case = (Vec<ConcurrencyLimit>, Vec<LegacyTagLimit>, SetStateStatus, String);
        let cases: [Case; 9] = [
            (vec![limit("tag:a", 1, 1)], vec![], Wait, reached("a")),
            (vec![limit("tag:a", 1, 1), limit("tag:b", 2, 0)], vec![], Wait, reached("a, b")),
            (vec![limit("tag:a", 0, 0)], vec![], Abort, deadlock("a")),
            (vec![limit("tag:a", 0, 0), limit("tag:b", 1, 0)], vec![], Abort, deadlock("a")),
            (vec![limit("tag:a", 0, 0), limit("tag:b", 1, 1)], vec![], Wait, reached("b")),
            (vec![limit("tag:a", 1, 0)], vec![legacy_limit("b", 1, &[other])], Wait, full("b")),
            (vec![limit("tag:a", 1, 0)], vec![legacy_limit("b", 0, &[])], Abort, deadlock("b")),
            (vec![], vec![legacy_limit("a", 0, &[]), legacy_limit("b", 1, &[other])], Wait, full("b")),
            (vec![inactive], vec![], Accept, String::new()),
        ];
        for (limits, legacy, status, words) in cases {
            let decision = start(&limits, &legacy);
            assert_eq!((decision.status, reason(&decision)), (status, words.as_str()));
            assert_eq!(decision.effects, [], "{words}");
        }
        assert_eq!(
            deadlock("a"),
            r#"The concurrency limit on tag "a" is 0 and will deadlock if the task tries to run again."#
        );
    }

    #[test]
    fn the_wait_is_spread_around_how_long_a_slot_is_held() {
        // In the middle of the spread, 10 s become 9.89 s and 2 s become 1.98 s.
        for (occupancy, seconds) in [(2.0, 2), (600.0, 10), (0.0, 10)] {
            let mut full = limit("tag:a", 1, 1);
            full.counters.avg_slot_occupancy_seconds = occupancy;
            let StateResponseDetails::Wait { delay_seconds, .. } = start(&[full], &[]).details else {
                panic!("it waits")
            };
            assert_eq!(delay_seconds, seconds, "{occupancy}");
        }
    }

    #[test]
    fn slots_go_back_when_the_task_must_wait_for_its_time() {
        let mut initial = state(Pending);
        initial.state_details.scheduled_time = Some(NOW + TimeDelta::from_secs(7));
        let decision = task()
            .run(|run| run.tags = vec!["a".to_owned()])
            .facts(|facts| facts.tag_limits = vec![limit("tag:a", 1, 0)])
            .from(initial)
            .to(state(Running))
            .decide(TaskPolicy::Core);
        assert_eq!((decision.status, decision.effects), (Wait, vec![]));
    }

    #[test]
    fn limits_are_loaded_for_tagged_tasks() {
        for (tags, loaded) in [(vec![], false), (vec!["a".to_owned()], true)] {
            let needs = task()
                .run(|run| run.tags = tags)
                .run(|run| run.flow_run_id = Some(FlowRunId::random()))
                .from(state(Pending))
                .to(state(Running))
                .needs();
            assert_eq!(needs.tag_limits, loaded);
            assert!(needs.flow_run.is_some());
        }
    }
}
