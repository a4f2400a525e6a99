//! A task whose result is known does not run.

use sluice_wire::states::{StateDetails, StateType};

use crate::context::Context;
use crate::facts::TaskRun;
use crate::needs::{Question, TaskNeeds};
use crate::policies::{Rule, StateSet};
use crate::verdict::Verdict;

/// Puts the cached state of the proposed state's cache key in its place, named "Cached", unless the client asks to
/// refresh it.
pub struct CacheRetrieval;

impl Rule<TaskRun> for CacheRetrieval {
    const NAME: &'static str = "CacheRetrieval";
    const FROM: StateSet = StateSet::ALL;
    const TO: StateSet = StateSet::of(&[StateType::Running]);

    fn needs(question: &Question<'_, TaskRun>, needs: &mut TaskNeeds) {
        needs.cached_state = usable_key(&question.proposed.state_details).map(str::to_owned);
    }

    fn before(context: &mut Context<'_, TaskRun>) -> Verdict {
        let key = context.proposed.as_ref().and_then(|proposed| usable_key(&proposed.state_details));
        let (Some(_), Some(cached)) = (key, &context.facts.cached_state) else { return Verdict::Proceed };
        let mut cached = cached.clone();
        cached.id = context.environment.dice.replacement_state_id;
        cached.timestamp = context.environment.now;
        "Cached".clone_into(&mut cached.name);
        Verdict::replace(cached, "Retrieved state from cache")
    }
}

fn usable_key(details: &StateDetails) -> Option<&str> {
    let key = details.cache_key.as_deref().filter(|key| !key.is_empty());
    key.filter(|_| details.refresh_cache != Some(true))
}

#[cfg(test)]
mod tests {
    use sluice_wire::orchestration_results::SetStateStatus::{Accept, Reject};
    use sluice_wire::states::State;
    use sluice_wire::states::StateType::{Completed, Pending, Running};
    use sluice_wire::time::Timestamp;

    use crate::policies::TaskPolicy;
    use crate::testing::{NOW, TASK_RUN, reason, state, task, with_data};

    fn keyed(key: Option<&str>, refresh: Option<bool>) -> State {
        let mut running = state(Running);
        running.state_details.cache_key = key.map(str::to_owned);
        running.state_details.refresh_cache = refresh;
        running
    }

    #[test]
    fn a_cached_state_takes_the_place_of_a_run() {
        let mut cached = with_data(Completed, serde_json::json!({"type": "reference"}));
        cached.timestamp = Timestamp::from_micros(5);
        for (key, refresh, found, hit) in [
            (Some("key"), None, true, true),
            (Some("key"), Some(false), true, true),
            (Some("key"), Some(true), true, false),
            (Some("key"), None, false, false),
            (Some(""), None, true, false),
            (None, None, true, false),
        ] {
            for policy in [TaskPolicy::Core, TaskPolicy::Background] {
                let decision = task()
                    .facts(|facts| facts.cached_state = found.then(|| cached.clone()))
                    .from(state(Pending))
                    .to(keyed(key, refresh))
                    .decide(policy);
                assert_eq!(decision.status, if hit { Reject } else { Accept }, "{key:?} {refresh:?} {found}");
                if hit {
                    assert_eq!(reason(&decision), "Retrieved state from cache");
                    let written = decision.state.expect("written");
                    assert_eq!((written.r#type, written.name.as_str()), (Completed, "Cached"));
                    assert_eq!((&written.data, written.timestamp), (&cached.data, NOW));
                    assert_ne!(written.id, cached.id);
                    assert_eq!(written.state_details.task_run_id, Some(TASK_RUN));
                    let run = decision.run.expect("changed");
                    assert_eq!((run.columns.run_count, run.columns.end_time), (0, Some(NOW)));
                }
            }
        }
    }

    #[test]
    fn the_cache_is_read_only_for_keys_that_may_hit() {
        for (key, refresh, read) in [
            (Some("key"), None, Some("key")),
            (Some("key"), Some(true), None),
            (Some(""), None, None),
            (None, None, None),
        ] {
            let needs = task().from(state(Pending)).to(keyed(key, refresh)).needs();
            assert_eq!(needs.cached_state.as_deref(), read);
        }
    }
}
