//! Whether anybody will begin a run, from what is known of those who might.

use sluice_store::flow_runs::{Claimants, ClaimedRun};
use sluice_wire::time::{TimeDelta, Timestamp};

use crate::ServiceSettings;
use crate::run_option::RunOption;

/// What claims are measured by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// How long a run stays with a worker that is gone, when it reported no infrastructure.
    pub claim: TimeDelta,
    /// The same when infrastructure was reported, which may start without the worker.
    pub infrastructure: TimeDelta,
    /// How long a run stays with a worker that is there; none: as long as it likes.
    pub despite_worker: Option<TimeDelta>,
    /// How often a run is handed out again before it is given up.
    pub hand_outs: i64,
    /// A worker counts as there for so long after it was heard of.
    pub heard_within: TimeDelta,
    /// Silence before this moment does not count: nobody was listening.
    pub listening_since: Timestamp,
}

impl Limits {
    pub(super) fn of(settings: &ServiceSettings, listening_since: Timestamp) -> Self {
        let (missed, interval) = (settings.worker_missed_heartbeats, settings.worker_heartbeat_interval);
        Self {
            claim: settings.stranded_runs_claim,
            infrastructure: settings.stranded_runs_infrastructure,
            despite_worker: settings.stranded_runs_despite_worker,
            hand_outs: settings.stranded_runs_hand_outs,
            heard_within: TimeDelta::from_micros(interval.as_micros().saturating_mul(missed)),
            listening_since,
        }
    }
}

/// What becomes of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Somebody may still begin the run.
    Leave,
    /// Nobody will, for this reason.
    HandOut(String),
    /// Nobody will, and it happened too often.
    GiveUp(String),
}

/// A claim is dead when whoever made it is gone, and has made no progress for long enough.
pub(super) fn judge(run: &ClaimedRun, limits: &Limits, now: Timestamp) -> Verdict {
    let option = RunOption::read("stranded", &run.labels, &run.tags);
    let Some(who) = (if option.is_on() { who(&run.claimants) } else { None }) else { return Verdict::Leave };
    let has_infrastructure = run.infrastructure_pid.as_deref().is_some_and(|pid| !pid.is_empty());
    let patience = match (&who, option.after) {
        (_, Some(after)) => Some(after),
        (Who::There(_), None) => limits.despite_worker,
        (Who::Gone(_), None) if has_infrastructure => Some(limits.infrastructure),
        (Who::Gone(_), None) => Some(limits.claim),
    };
    let waited = now.since(run.since.max(limits.listening_since));
    if patience.is_none_or(|patience| waited < patience) {
        return Verdict::Leave;
    }
    let (Who::There(what) | Who::Gone(what)) = who;
    let reason = format!("Claimed at {} and not begun: {what}.", run.since);
    if run.hand_outs < limits.hand_outs { Verdict::HandOut(reason) } else { Verdict::GiveUp(reason) }
}

/// Who has the run, in words.
enum Who {
    There(String),
    Gone(String),
}

/// `None`: there are no workers that could be gone.
fn who(claimants: &Claimants) -> Option<Who> {
    Some(match claimants {
        Claimants::Workers { pool_type, .. }
            if pool_type.ends_with(":push") || pool_type.ends_with(":managed") =>
        {
            return None;
        }
        Claimants::Workers { known: Some((name, true)), .. } => {
            Who::There(format!("the worker {name:?} makes no progress"))
        }
        Claimants::Workers { known: Some((name, false)), .. } => {
            Who::Gone(format!("the worker {name:?} is offline"))
        }
        Claimants::Workers { known: None, is_any_online: false, .. } => {
            Who::Gone("no worker of the work pool is online".to_owned())
        }
        Claimants::Workers { known: None, is_any_lost: true, .. } => {
            Who::Gone("a worker went offline and no other has named itself".to_owned())
        }
        Claimants::Workers { known: None, .. } => Who::There("no worker has named itself".to_owned()),
        Claimants::Server { is_polling: true } => {
            Who::There("the process that serves the deployment makes no progress".to_owned())
        }
        Claimants::Server { is_polling: false } => {
            Who::Gone("the process that serves the deployment is gone".to_owned())
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use sluice_store::flow_runs::{Claimants, ClaimedRun};
    use sluice_wire::ids::{DeploymentId, FlowId, FlowRunId, StateId, WorkspaceId};
    use sluice_wire::time::{TimeDelta, Timestamp};

    use super::{Limits, Verdict, judge};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(1_795_336_300_000_000) + TimeDelta::from_secs(seconds)
    }

    fn limits() -> Limits {
        Limits {
            claim: TimeDelta::from_secs(120),
            infrastructure: TimeDelta::from_secs(600),
            despite_worker: None,
            hand_outs: 3,
            heard_within: TimeDelta::from_secs(90),
            listening_since: at(-10_000),
        }
    }

    fn workers(known: Option<bool>, is_any_online: bool, is_any_lost: bool) -> Claimants {
        let known = known.map(|is_online| ("w".to_owned(), is_online));
        Claimants::Workers { pool_type: "process".to_owned(), known, is_any_online, is_any_lost }
    }

    /// A run that was claimed at 0.
    fn run(claimants: Claimants, infrastructure_pid: Option<&str>) -> ClaimedRun {
        ClaimedRun {
            workspace: WorkspaceId::DEFAULT,
            id: FlowRunId::random(),
            name: "run".to_owned(),
            flow_id: FlowId::random(),
            deployment_id: DeploymentId::random(),
            state_id: Some(StateId::random()),
            since: at(0),
            infrastructure_pid: infrastructure_pid.map(str::to_owned),
            hand_outs: 0,
            labels: serde_json::from_value(json!({})).expect("labels"),
            tags: Vec::new(),
            claimants,
        }
    }

    /// Leaves it until this second, and hands it out then; never if none.
    fn check(run: &ClaimedRun, limits: &Limits, expected: Option<i64>, label: &str) {
        let last_left = expected.map_or(1_000_000, |second| second - 1);
        assert_eq!(judge(run, limits, at(last_left)), Verdict::Leave, "{label}: too early");
        if let Some(second) = expected {
            assert!(matches!(judge(run, limits, at(second)), Verdict::HandOut(_)), "{label}: too late");
        }
    }

    #[test]
    fn a_claim_dies_with_whoever_made_it() {
        let despite = Limits { despite_worker: Some(TimeDelta::from_secs(1_800)), ..limits() };
        for (claimants, pid, by_default, despite_after, label) in [
            (workers(Some(false), true, true), None, Some(120), Some(120), "its worker is offline"),
            (workers(Some(false), true, true), Some(""), Some(120), Some(120), "an empty id is none"),
            (workers(Some(false), true, true), Some("job"), Some(600), Some(600), "its job may still start"),
            (workers(Some(true), true, true), None, None, Some(1_800), "its worker is there"),
            (
                workers(Some(true), true, true),
                Some("job"),
                None,
                Some(1_800),
                "its worker is there, and a job",
            ),
            (workers(None, false, false), None, Some(120), Some(120), "no worker is there"),
            (workers(None, true, true), None, Some(120), Some(120), "it may have been the lost worker's"),
            (workers(None, true, false), None, None, Some(1_800), "nobody was lost"),
            (Claimants::Server { is_polling: false }, None, Some(120), Some(120), "its server is gone"),
            (Claimants::Server { is_polling: true }, None, None, Some(1_800), "its server is there"),
        ] {
            let run = run(claimants, pid);
            check(&run, &limits(), by_default, label);
            check(&run, &despite, despite_after, label);
        }
    }

    #[test]
    fn pools_without_workers_lose_none() {
        for pool_type in ["ecs:push", "prefect:managed"] {
            let claimants = Claimants::Workers {
                pool_type: pool_type.to_owned(),
                known: None,
                is_any_online: false,
                is_any_lost: false,
            };
            check(&run(claimants, None), &limits(), None, pool_type);
        }
    }

    #[test]
    fn the_deployment_has_the_last_word() {
        let mut run = run(workers(Some(true), true, false), Some("job"));
        run.tags = vec!["sluice.stranded-after-seconds=30".to_owned()];
        check(&run, &limits(), Some(30), "even though its worker is there");
        run.claimants = workers(Some(false), false, false);
        run.tags = vec!["sluice.stranded-detection=false".to_owned()];
        check(&run, &limits(), None, "off");
    }

    #[test]
    fn silence_counts_while_somebody_listens() {
        let restarted = Limits { listening_since: at(1_000), ..limits() };
        check(&run(workers(None, false, false), None), &restarted, Some(1_120), "the server was away");
    }

    #[test]
    fn a_run_that_strands_again_and_again_is_given_up() {
        let mut run = run(workers(Some(false), false, false), None);
        run.hand_outs = 2;
        assert!(matches!(judge(&run, &limits(), at(120)), Verdict::HandOut(_)));
        run.hand_outs = 3;
        assert!(matches!(judge(&run, &limits(), at(120)), Verdict::GiveUp(_)));
    }
}
