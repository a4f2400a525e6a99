//! The labels of a container: the reference's, and those by which a worker finds what is left over.

use std::collections::HashMap;

use sluice_wire::ids::FlowRunId;

use crate::launchers::Job;

/// The run, whatever labels its user sets.
pub(super) const FLOW_RUN: &str = "io.sluice.flow-run-id";
/// The worker that started the container.
pub(super) const WORKER: &str = "io.sluice.worker-name";
/// What the worker serves: a namesake of another server leaves the container alone.
pub(super) const SCOPE: &str = "io.sluice.scope";
/// Whether the container is removed when its end is known: `true` or `false`.
pub(super) const AUTO_REMOVE: &str = "io.sluice.auto-remove";

/// Whether what the container prints is passed on: `true` or `false`.
pub(super) const STREAM_OUTPUT: &str = "io.sluice.stream-output";
/// Whether the container has a terminal, and with it one stream instead of two: `true` or `false`.
pub(super) const TERMINAL: &str = "io.sluice.terminal";

/// How a container is watched, by whichever worker.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Watching {
    /// Whether it is removed when its end is known.
    pub auto_remove: bool,
    /// Whether what it prints is passed on.
    pub streams_output: bool,
    /// Whether its two streams come as one, without frames.
    pub has_terminal: bool,
}

/// The name under which the core hands over the worker's name.
const WORKER_OF_THE_JOB: &str = "prefect.io/worker-name";

/// All labels of a job's container.
pub(super) fn labels_of(job: &Job, scope: &str, watching: Watching) -> HashMap<String, String> {
    let mut labels: HashMap<String, String> =
        job.labels.iter().map(|(name, value)| (docker_name(name), value.clone())).collect();
    labels.insert(FLOW_RUN.to_owned(), job.flow_run.to_string());
    labels.insert(SCOPE.to_owned(), scope.to_owned());
    labels.insert(AUTO_REMOVE.to_owned(), watching.auto_remove.to_string());
    labels.insert(STREAM_OUTPUT.to_owned(), watching.streams_output.to_string());
    labels.insert(TERMINAL.to_owned(), watching.has_terminal.to_string());
    if let Some(worker) = job.labels.get(WORKER_OF_THE_JOB) {
        labels.insert(WORKER.to_owned(), worker.clone());
    }
    labels
}

/// The filter of the engine's list that finds the containers of a worker.
pub(super) fn of_worker(worker: &str, scope: &str) -> HashMap<String, Vec<String>> {
    let labels = vec![format!("{WORKER}={worker}"), format!("{SCOPE}={scope}")];
    HashMap::from([("label".to_owned(), labels)])
}

/// The run that a container belongs to.
pub(super) fn flow_run_of(labels: &HashMap<String, String>) -> Option<FlowRunId> {
    labels.get(FLOW_RUN)?.parse().ok()
}

/// How a container is watched. One of an older worker that says nothing of its output is silent.
pub(super) fn watching_of(labels: &HashMap<String, String>) -> Watching {
    let is_true = |name: &str| labels.get(name).is_some_and(|value| value == "true");
    Watching {
        auto_remove: is_true(AUTO_REMOVE),
        streams_output: is_true(STREAM_OUTPUT),
        has_terminal: is_true(TERMINAL),
    }
}

/// The name of a label in Docker's own style: `prefect.io/flow-run-id` is `io.prefect.flow-run-id`.
fn docker_name(name: &str) -> String {
    match name.split_once('/') {
        Some((domain, key)) => {
            let reversed: Vec<&str> = domain.rsplit('.').collect();
            format!("{}.{key}", reversed.join("."))
        }
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::launchers::docker::testing::job;

    #[test]
    fn labels_are_written_in_dockers_style() {
        let cases = [
            ("prefect.io/flow-run-id", "io.prefect.flow-run-id"),
            ("a.b.test/c/d", "test.b.a.c/d"),
            ("team", "team"),
        ];
        for (name, expected) in cases {
            assert_eq!(docker_name(name), expected);
        }
    }

    #[test]
    fn a_container_is_found_by_its_worker_and_says_its_run() {
        let mut job = job();
        job.labels = BTreeMap::from([
            ("prefect.io/worker-name".to_owned(), "ada".to_owned()),
            ("io.sluice.flow-run-id".to_owned(), "what a user wrote".to_owned()),
        ]);
        let watching = Watching { auto_remove: true, streams_output: true, has_terminal: false };
        let labels = labels_of(&job, "https://sluice.test/api", watching);
        assert_eq!(flow_run_of(&labels), Some(job.flow_run));
        assert_eq!(watching_of(&labels), watching);
        assert_eq!(labels["io.prefect.worker-name"], "ada");
        for filter in &of_worker("ada", "https://sluice.test/api")["label"] {
            let (name, value) = filter.split_once('=').unwrap();
            assert_eq!(labels[name], value);
        }
    }
}
