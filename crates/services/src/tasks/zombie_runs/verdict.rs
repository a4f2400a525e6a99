//! Whether a run is alive, from what is known of it.

use sluice_store::flow_run_heartbeats::{Heartbeats, WatchedRun};
use sluice_wire::states::StateType;
use sluice_wire::time::{TimeDelta, Timestamp};

use crate::ServiceSettings;
use crate::run_option::RunOption;

/// A run that nobody looks after may come to be looked after: its labels can change.
const NOT_WATCHED: TimeDelta = TimeDelta::from_secs(600);

/// Nobody is looked at more often than this.
const SOON: TimeDelta = TimeDelta::from_secs(5);

/// What runs are measured by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// No run is a zombie before this time without heartbeats.
    pub after: TimeDelta,
    /// Nor before so many of its heartbeats are missing.
    pub missed: i64,
    /// How often a run is heard of whose interval is not known yet.
    pub assumed_interval: TimeDelta,
    /// Silence before this moment does not count: nobody was listening.
    pub listening_since: Timestamp,
}

impl Limits {
    pub(super) fn of(settings: &ServiceSettings, listening_since: Timestamp) -> Self {
        Self {
            after: settings.zombie_runs_after,
            missed: settings.flow_run_missed_heartbeats,
            assumed_interval: settings.flow_run_heartbeat_interval,
            listening_since,
        }
    }
}

/// What becomes of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is over: nobody waits for its heartbeats.
    Over,
    /// It is well, or does not run: not to be looked at before this time.
    LookAgain(Timestamp),
    /// It runs and was not heard of since `last_life`, longer than `threshold`.
    Zombie { last_life: Timestamp, threshold: TimeDelta },
}

/// Only a run that is RUNNING can be a zombie. Being set to RUNNING is a sign of life, too: what ran before a pause or
/// a retry says nothing about what runs now.
pub(super) fn judge(run: &WatchedRun, limits: &Limits, now: Timestamp) -> Verdict {
    if run.state_type.is_some_and(StateType::is_final) {
        return Verdict::Over;
    }
    let said = |(labels, tags): &(_, Vec<String>)| RunOption::read("zombie", labels, tags);
    let own = RunOption::read("zombie", &run.labels, &run.tags);
    let option = run.ancestors.iter().map(said).fold(own, RunOption::or);
    if run.state_type != Some(StateType::Running) || !option.is_on() {
        return Verdict::LookAgain(now + NOT_WATCHED);
    }
    let interval =
        if run.heartbeats.state_id == run.state_id { observed_interval(&run.heartbeats) } else { None };
    let interval = interval.unwrap_or(limits.assumed_interval);
    let silence = TimeDelta::from_micros(interval.as_micros().saturating_mul(limits.missed));
    let threshold = option.after.unwrap_or_else(|| limits.after.max(silence));
    let last_life = run.heartbeats.last_seen.max(run.state_timestamp.unwrap_or(run.heartbeats.last_seen));
    let deadline = last_life.max(limits.listening_since) + threshold;
    if now >= deadline {
        return Verdict::Zombie { last_life, threshold };
    }
    // The interval may be learned in between: then the deadline is sooner, but not sooner than this.
    Verdict::LookAgain(deadline.min(now + limits.after.max(SOON)))
}

/// The longer of the last two intervals, by the client's clock: whatever delays heartbeats on their way does not
/// count. Two, because the first may be cut short by a retry.
fn observed_interval(heartbeats: &Heartbeats) -> Option<TimeDelta> {
    let [Some(newest), Some(previous), Some(earlier)] = heartbeats.occurred else { return None };
    Some(newest.since(previous).max(previous.since(earlier)))
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use serde_json::json;
    use sluice_store::flow_run_heartbeats::{Heartbeats, WatchedRun};
    use sluice_wire::ids::{FlowId, FlowRunId, StateId, WorkspaceId};
    use sluice_wire::states::StateType;
    use sluice_wire::time::{TimeDelta, Timestamp};

    use super::{Limits, NOT_WATCHED, Verdict, judge};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(1_795_336_300_000_000) + TimeDelta::from_secs(seconds)
    }

    fn limits() -> Limits {
        Limits {
            after: TimeDelta::from_secs(90),
            missed: 3,
            assumed_interval: TimeDelta::from_secs(180),
            listening_since: at(-10_000),
        }
    }

    /// A run that was set to RUNNING at 0 and heard of at these seconds.
    fn run(heartbeats: &[i64]) -> WatchedRun {
        let state_id = Some(StateId::random());
        let mut occurred = [None; 3];
        for (place, second) in occurred.iter_mut().zip(heartbeats.iter().rev()) {
            *place = Some(at(*second));
        }
        let last_seen = at(*heartbeats.last().expect("a heartbeat"));
        WatchedRun {
            workspace: WorkspaceId::DEFAULT,
            id: FlowRunId::random(),
            name: "run".to_owned(),
            flow_id: FlowId::random(),
            deployment_id: None,
            state_type: Some(StateType::Running),
            state_id,
            state_timestamp: Some(at(0)),
            labels: serde_json::from_value(json!({})).expect("labels"),
            tags: Vec::new(),
            ancestors: Vec::new(),
            heartbeats: Heartbeats { state_id, last_seen, occurred },
        }
    }

    /// The second at which the run is a zombie, and not one before.
    fn end(run: &WatchedRun, limits: &Limits) -> Option<i64> {
        let mut second = 0;
        loop {
            match judge(run, limits, at(second)) {
                Verdict::Zombie { .. } => return Some(second),
                Verdict::LookAgain(next) if next == at(second) + NOT_WATCHED => return None,
                Verdict::LookAgain(next) => second = next.since(at(0)).as_micros() / 1_000_000,
                Verdict::Over => return None,
            }
        }
    }

    #[test]
    fn a_run_is_a_zombie_after_three_of_its_own_intervals() {
        for (heartbeats, expected, label) in [
            (vec![0], 540, "no interval is known: that of the SDK's default"),
            (vec![0, 30], 30 + 540, "one interval may be a retry's"),
            (vec![0, 30, 60], 60 + 90, "three of its intervals"),
            (vec![0, 1, 181], 181 + 540, "a retry within a second, then its interval"),
            (vec![0, 180, 360], 360 + 540, "three of its intervals"),
            (vec![0, 2, 4], 4 + 90, "but never before the server's setting"),
            (vec![0, 30, 60, 90, 400], 400 + 930, "one that came late makes it slow"),
            (vec![30, 60, 400, 430, 460], 460 + 90, "but not for ever"),
        ] {
            assert_eq!(end(&run(&heartbeats), &limits()), Some(expected), "{label}");
        }
    }

    #[test]
    fn silence_counts_from_the_last_sign_of_life_while_somebody_listens() {
        let mut resumed = run(&[0, 30, 60]);
        resumed.state_id = Some(StateId::random());
        resumed.state_timestamp = Some(at(1_000));
        assert_eq!(
            end(&resumed, &limits()),
            Some(1_540),
            "what ran before says nothing, not even its interval"
        );

        let restarted = Limits { listening_since: at(5_000), ..limits() };
        assert_eq!(end(&run(&[0, 30, 60]), &restarted), Some(5_090), "the server was away");

        let mut unsure = run(&[0, 30, 60]);
        unsure.state_timestamp = None;
        assert_eq!(end(&unsure, &limits()), Some(150));
    }

    proptest! {
        #[test]
        fn who_was_heard_of_lately_is_alive(
            beats in vec(0_i64..2_000, 1..6),
            running_since in 0_i64..2_000,
            listening_since in 0_i64..2_000,
            is_same_state in any::<bool>(),
            now in 0_i64..4_000,
        ) {
            let mut beats = beats;
            beats.sort_unstable();
            let mut run = run(&beats);
            run.state_timestamp = Some(at(running_since));
            if !is_same_state {
                run.state_id = Some(StateId::random());
            }
            let limits = Limits { listening_since: at(listening_since), ..limits() };
            let last = beats[beats.len() - 1].max(running_since).max(listening_since);
            match judge(&run, &limits, at(now)) {
                Verdict::Zombie { threshold, .. } => {
                    prop_assert!(now - last >= 90, "heard of {} seconds before", now - last);
                    prop_assert!(at(now) >= at(last) + threshold);
                    let unlearned = !is_same_state || beats.len() < 3;
                    prop_assert!(!unlearned || now - last >= 540, "its interval may be the SDK's default");
                }
                Verdict::LookAgain(next) => prop_assert!(next > at(now), "later, not at once"),
                Verdict::Over => prop_assert!(false, "it runs"),
            }
        }
    }

    #[test]
    fn only_what_runs_and_is_watched_can_be_a_zombie() {
        for state_type in StateType::ALL {
            let mut run = run(&[0, 30, 60]);
            run.state_type = Some(state_type);
            let verdict = judge(&run, &limits(), at(1_000_000));
            if state_type.is_final() {
                assert_eq!(verdict, Verdict::Over, "{state_type}");
            } else {
                let is_zombie = matches!(verdict, Verdict::Zombie { .. });
                assert_eq!(is_zombie, state_type == StateType::Running, "{state_type}");
            }
        }
        let mut run = run(&[0, 30, 60]);
        run.tags = vec!["sluice.zombie-detection=false".to_owned()];
        assert_eq!(end(&run, &limits()), None);
        run.tags = vec!["sluice.zombie-after-seconds=20".to_owned()];
        assert_eq!(end(&run, &limits()), Some(80), "the deployment's own word, even below the setting");
        run.tags = vec!["sluice.zombie-after-seconds=3600".to_owned()];
        assert_eq!(end(&run, &limits()), Some(3_660));
        let above = |after: &str| (run.labels.clone(), vec![format!("sluice.zombie-after-seconds={after}")]);
        run.ancestors = vec![above("20"), above("40")];
        assert_eq!(end(&run, &limits()), Some(3_660), "a subflow has the last word");
        run.tags.clear();
        assert_eq!(end(&run, &limits()), Some(80), "then the run above it");
    }
}
