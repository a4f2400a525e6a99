//! A task run that is not running gives the slots of its tags back.

use sluice_wire::ids::LeaseId;
use sluice_wire::states::StateType;
use uuid::Uuid;

use crate::context::Context;
use crate::effects::Effect;
use crate::facts::TaskRun;
use crate::needs::{Question, TaskNeeds};
use crate::policies::Transform;

/// Releases whatever slots the task run holds on its tags, whenever its new state is neither RUNNING nor CANCELLING.
pub struct ReleaseTaskConcurrencySlots;

impl Transform<TaskRun> for ReleaseTaskConcurrencySlots {
    const NAME: &'static str = "ReleaseTaskConcurrencySlots";

    fn needs(question: &Question<'_, TaskRun>, needs: &mut TaskNeeds) {
        // Asked for whatever the intended state is: a rule may put another in its place.
        if !question.run.tags.is_empty() {
            needs.tag_limits = true;
            needs.leases_of = Some(question.run.id);
        }
    }

    fn after(context: &mut Context<'_, TaskRun>) {
        match context.proposed_type() {
            None | Some(StateType::Running | StateType::Cancelling) => return,
            Some(_) => {}
        }
        let task_run_id = context.run.id;
        let facts = context.facts;
        let on_its_tags = |limit_id| facts.tag_limits.iter().any(|limit| limit.id == limit_id);
        let leases: Vec<LeaseId> = facts
            .leases
            .iter()
            .filter(|lease| lease.limit_ids.iter().any(|limit_id| on_its_tags(*limit_id)))
            .map(|lease| lease.id)
            .collect();
        let held: Vec<Uuid> = facts
            .legacy_tag_limits
            .iter()
            .filter(|limit| limit.holders.contains(&task_run_id))
            .map(|limit| limit.id)
            .collect();
        for id in leases {
            context.effect(Effect::ReleaseLease { id });
        }
        for limit_id in held {
            context.effect(Effect::FreeLegacyTagSlot { limit_id, task_run_id });
        }
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::ids::{ConcurrencyLimitId, LeaseId};
    use sluice_wire::states::StateType::{Cancelling, Completed, Pending, Running, Scheduled};

    use super::ReleaseTaskConcurrencySlots;
    use crate::effects::Effect;
    use crate::facts::TaskLease;
    use crate::testing::{TASK_RUN, legacy_limit, limit, state, task};

    #[test]
    fn slots_come_free_unless_the_task_goes_on() {
        let lease = LeaseId::random();
        let by_tag = limit("tag:database", 1, 1);
        let legacy = legacy_limit("network", 2, &[TASK_RUN]);
        for (from, to, released) in [
            (Running, Completed, true),
            (Running, Scheduled, true),
            (Pending, Completed, true),
            (Pending, Running, false),
            (Running, Cancelling, false),
        ] {
            let decision = task()
                .run(|run| run.tags = vec!["database".to_owned(), "network".to_owned()])
                .facts(|facts| {
                    facts.tag_limits = vec![by_tag.clone()];
                    facts.legacy_tag_limits = vec![legacy.clone(), legacy_limit("other", 2, &[])];
                    facts.leases = vec![
                        TaskLease { id: lease, limit_ids: vec![by_tag.id] },
                        TaskLease { id: LeaseId::random(), limit_ids: vec![ConcurrencyLimitId::random()] },
                    ];
                })
                .from(state(from))
                .to(state(to))
                .transform::<ReleaseTaskConcurrencySlots>();
            let expected = [
                Effect::ReleaseLease { id: lease },
                Effect::FreeLegacyTagSlot { limit_id: legacy.id, task_run_id: TASK_RUN },
            ];
            let expected: &[Effect] = if released { &expected } else { &[] };
            assert_eq!(decision.effects, expected, "{from} to {to}");
        }
    }

    #[test]
    fn a_task_without_tags_needs_nothing() {
        let needs = task().from(state(Running)).to(state(Completed)).needs();
        assert_eq!(needs, crate::TaskNeeds::default());
    }
}
