//! What a task completed with can be found again.

use sluice_wire::states::StateType;

use crate::context::Context;
use crate::effects::Effect;
use crate::facts::TaskRun;
use crate::policies::{Rule, StateSet};
use crate::verdict::Verdict;

/// Puts a COMPLETED state with a cache key into the cache. A key that is too long is answered with a rejection, yet
/// the state is written and cached: the reference does the same.
pub struct CacheInsertion;

impl Rule<TaskRun> for CacheInsertion {
    const NAME: &'static str = "CacheInsertion";
    const FROM: StateSet = StateSet::ALL;
    const TO: StateSet = StateSet::of(&[StateType::Completed]);

    fn before(context: &mut Context<'_, TaskRun>) -> Verdict {
        let longest = context.environment.settings.max_cache_key_length;
        let Some(proposed) = &context.proposed else { return Verdict::Proceed };
        let too_long = |key: &String| key.chars().count() > longest;
        if proposed.state_details.cache_key.as_ref().is_some_and(too_long) {
            return Verdict::replace(
                proposed.clone(),
                format!("Cache key exceeded maximum allowed length of {longest} characters."),
            );
        }
        Verdict::Proceed
    }

    fn after(context: &mut Context<'_, TaskRun>) {
        let Some(written) = &context.proposed else { return };
        let details = &written.state_details;
        let Some(cache_key) = details.cache_key.clone().filter(|key| !key.is_empty()) else { return };
        let (cache_expiration, state_id) = (details.cache_expiration, written.id);
        context.effect(Effect::InsertStateCache { cache_key, cache_expiration, state_id });
    }
}

#[cfg(test)]
mod tests {
    use sluice_wire::orchestration_results::SetStateStatus::{Accept, Reject};
    use sluice_wire::states::StateType::{Completed, Failed, Running};

    use super::CacheInsertion;
    use crate::effects::Effect;
    use crate::testing::{NOW, reason, state, task};

    #[test]
    fn completed_states_with_a_key_are_cached() {
        for (to, key, cached) in [
            (Completed, Some("key"), true),
            (Completed, Some(""), false),
            (Completed, None, false),
            (Failed, Some("key"), false),
        ] {
            let mut proposed = state(to);
            proposed.state_details.cache_key = key.map(str::to_owned);
            proposed.state_details.cache_expiration = Some(NOW);
            let state_id = proposed.id;
            let decision = task().from(state(Running)).to(proposed).rule::<CacheInsertion>();
            assert_eq!(decision.status, Accept);
            let effect = Effect::InsertStateCache {
                cache_key: "key".to_owned(),
                cache_expiration: Some(NOW),
                state_id,
            };
            assert_eq!(decision.effects, if cached { vec![effect] } else { vec![] }, "{to} {key:?}");
        }
    }

    #[test]
    fn a_key_that_is_too_long_is_refused_in_words() {
        for (length, status, words) in
            [(3, Accept, ""), (4, Reject, "Cache key exceeded maximum allowed length of 3 characters.")]
        {
            let mut proposed = state(Completed);
            proposed.state_details.cache_key = Some("ü".repeat(length));
            let decision = task()
                .settings(|settings| settings.max_cache_key_length = 3)
                .from(state(Running))
                .to(proposed.clone())
                .rule::<CacheInsertion>();
            assert_eq!((decision.status, reason(&decision)), (status, words));
            assert_eq!(decision.state, Some(proposed));
            assert_eq!(decision.effects.len(), 1);
        }
    }
}
