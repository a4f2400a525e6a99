//! The workers of background tasks that are connected to this process.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sluice_wire::task_runs::TaskWorker;
use sluice_wire::time::Timestamp;

/// Who is connected, by the name that the worker gave itself.
#[derive(Debug, Default)]
pub struct TaskWorkers(Mutex<BTreeMap<String, Seen>>);

#[derive(Debug)]
struct Seen {
    task_keys: BTreeSet<String>,
    at: Timestamp,
    /// One worker may hold several connections.
    connections: usize,
    /// How often the worker connected.
    generation: u64,
}

impl TaskWorkers {
    /// A worker connected that runs these tasks, and those of its other connections.
    pub fn connect(&self, identifier: &str, task_keys: &[String], now: Timestamp) {
        let mut workers = self.lock();
        let worker = workers.entry(identifier.to_owned()).or_insert_with(|| Seen {
            task_keys: BTreeSet::new(),
            at: now,
            connections: 0,
            generation: 0,
        });
        if worker.connections == 0 {
            worker.task_keys.clear();
        }
        worker.task_keys.extend(task_keys.iter().cloned());
        worker.at = now;
        worker.connections += 1;
        worker.generation += 1;
    }

    /// The worker answered.
    pub fn observe(&self, identifier: &str, now: Timestamp) {
        if let Some(worker) = self.lock().get_mut(identifier) {
            worker.at = now;
        }
    }

    /// One of the worker's connections ended. The worker stays listed until it is forgotten; what is returned
    /// says whether it connected again meanwhile.
    pub fn disconnect(&self, identifier: &str) -> u64 {
        let mut workers = self.lock();
        let Some(worker) = workers.get_mut(identifier) else { return 0 };
        worker.connections = worker.connections.saturating_sub(1);
        worker.generation
    }

    /// Forgets the worker unless it is connected or has connected since [`TaskWorkers::disconnect`].
    pub fn forget(&self, identifier: &str, generation: u64) {
        let mut workers = self.lock();
        if workers
            .get(identifier)
            .is_some_and(|worker| worker.connections == 0 && worker.generation == generation)
        {
            workers.remove(identifier);
        }
    }

    /// The workers that run one of these tasks, or all workers when none are named.
    pub fn connected(&self, task_keys: &[String]) -> Vec<TaskWorker> {
        self.lock()
            .iter()
            .filter(|(_, worker)| {
                task_keys.is_empty() || task_keys.iter().any(|key| worker.task_keys.contains(key))
            })
            .map(|(identifier, worker)| TaskWorker {
                identifier: identifier.clone(),
                task_keys: worker.task_keys.iter().cloned().collect(),
                timestamp: worker.at,
            })
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Seen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_is_there_until_its_last_connection_ends() {
        let workers = TaskWorkers::default();
        let (a, b) = (["a".to_owned()], ["b".to_owned()]);
        workers.connect("one", &a, Timestamp::from_micros(1));
        workers.connect("one", &b, Timestamp::from_micros(2));
        workers.connect("two", &b, Timestamp::from_micros(3));
        let names = |keys: &[String]| {
            workers.connected(keys).into_iter().map(|worker| worker.identifier).collect::<Vec<_>>()
        };
        assert_eq!(names(&[]), ["one", "two"]);
        assert_eq!(names(&a), ["one"]);
        assert_eq!(workers.connected(&a)[0].task_keys, ["a", "b"]);
        let generation = workers.disconnect("one");
        workers.forget("one", generation);
        assert_eq!(names(&b), ["one", "two"]);
        let generation = workers.disconnect("one");
        workers.connect("one", &b, Timestamp::from_micros(4));
        workers.forget("one", generation);
        assert_eq!(workers.connected(&b)[0].task_keys, ["b"]);
        let generation = workers.disconnect("one");
        workers.forget("one", generation);
        assert_eq!(names(&b), ["two"]);
    }
}
