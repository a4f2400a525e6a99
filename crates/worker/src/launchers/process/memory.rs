//! Ends runs that take more memory than they may.
//!
//! A limit of the kernel would be kept to the byte, but none fits: that of the address space counts what a program
//! reserves and never uses, which for Python with threads is many times what it takes, and a control group is nothing
//! that a worker without privileges may make. So the worker looks, twice a second, at what the processes of a run take
//! together. What several share, the pages of a warm interpreter above all, counts for each in proportion.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use nix::sys::signal::Signal;
use tokio::time::{MissedTickBehavior, interval};

use super::running::signal_group;
use crate::launchers::sizes::readable;

const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Watches over the runs that have a limit.
#[derive(Clone)]
pub(super) struct MemoryWatch(Arc<Groups>);

/// By process group.
type Groups = Mutex<HashMap<u32, Limited>>;

struct Limited {
    limit: u64,
    took: Arc<OnceLock<u64>>,
}

/// A run that is watched until this is dropped.
pub(super) struct Watched {
    group: u32,
    limit: u64,
    took: Arc<OnceLock<u64>>,
    groups: Arc<Groups>,
}

impl MemoryWatch {
    pub(super) fn start() -> Self {
        let groups = Arc::new(Groups::default());
        tokio::spawn(look(Arc::downgrade(&groups)));
        Self(groups)
    }

    /// Kills the processes of this group when they take more than `limit` bytes.
    pub(super) fn watch(&self, group: u32, limit: u64) -> Watched {
        let took = Arc::new(OnceLock::new());
        lock(&self.0).insert(group, Limited { limit, took: Arc::clone(&took) });
        Watched { group, limit, took, groups: Arc::clone(&self.0) }
    }
}

impl Watched {
    /// Why the run was killed, if it was killed here.
    pub(super) fn reason(&self) -> Option<String> {
        let took = self.took.get()?;
        let limit = i64::try_from(self.limit).map_or_else(|_| self.limit.to_string(), readable);
        Some(format!("killed for taking {} MiB of memory, more than the {limit} that it may", took >> 20))
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        lock(&self.groups).remove(&self.group);
    }
}

async fn look(groups: Weak<Groups>) {
    let mut rounds = interval(LOOK_EVERY);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        let Some(groups) = groups.upgrade() else { return };
        if lock(&groups).is_empty() {
            continue;
        }
        let looked = tokio::task::spawn_blocking(move || {
            let limited: Vec<u32> = lock(&groups).keys().copied().collect();
            for (group, taken) in memory_of(&limited) {
                let groups = lock(&groups);
                // Under the lock: a group that is not there any more may be somebody else's.
                if let Some(run) = groups.get(&group)
                    && taken > run.limit
                    && run.took.set(taken).is_ok()
                {
                    signal_group(group, Signal::SIGKILL);
                }
            }
        });
        let _ = looked.await;
    }
}

/// How many bytes the processes of each of these groups take.
fn memory_of(groups: &[u32]) -> HashMap<u32, u64> {
    let mut memory = HashMap::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let path = entry.path();
        let Ok(stat) = std::fs::read_to_string(path.join("stat")) else { continue };
        let Some(group) = group_of(&stat).filter(|group| groups.contains(group)) else { continue };
        let rollup = std::fs::read_to_string(path.join("smaps_rollup")).unwrap_or_default();
        *memory.entry(group).or_default() += share_of(&rollup);
    }
    memory
}

/// The process group, from `/proc/PID/stat`. The name of the program may contain anything.
fn group_of(stat: &str) -> Option<u32> {
    stat.rsplit_once(')')?.1.split_whitespace().nth(2)?.parse().ok()
}

/// Bytes of memory and swap, from `/proc/PID/smaps_rollup`.
fn share_of(rollup: &str) -> u64 {
    let of = |name: &str| {
        let line = rollup.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()
    };
    1024 * (of("Pss:").unwrap_or(0) + of("SwapPss:").unwrap_or(0))
}

fn lock(groups: &Groups) -> MutexGuard<'_, HashMap<u32, Limited>> {
    groups.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{group_of, memory_of, share_of};

    #[test]
    fn what_the_kernel_says_is_read() {
        assert_eq!(group_of("12 (a) b) S 1 34 34 0 -1 4194560"), Some(34));
        assert_eq!(group_of("nonsense"), None);
        let rollup = "55d0-7ffc ---p 00000000 00:00 0   [rollup]\nRss:   4000 kB\nPss:    3000 kB\nPss_Dirty: 1 kB\n\
                      SwapPss:   24 kB\n";
        assert_eq!(share_of(rollup), 3024 * 1024);
        assert_eq!(share_of(""), 0);
    }

    #[test]
    fn this_process_takes_something() {
        let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
        let group = group_of(&stat).unwrap();
        assert!(memory_of(&[group])[&group] > 1 << 20);
    }
}
