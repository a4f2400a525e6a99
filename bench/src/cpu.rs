//! CPU time and memory of a process and everything it started, as the kernel accounts for them in `/proc`.

use std::collections::HashMap;
use std::fs;
use std::time::{Duration, Instant};

/// Clock ticks a second in `/proc/PID/stat`: the kernel's USER_HZ, 100 on every Linux architecture.
const TICKS_PER_SECOND: u64 = 100;

/// Measures wall time, the CPU time of a server's process tree and the CPU time of this process from its start
/// to a reading.
#[derive(Debug)]
pub(crate) struct Meter {
    root: u32,
    started: Instant,
    server_at_start: Duration,
    generator_at_start: Duration,
}

/// What was spent between the start of a [`Meter`] and a reading.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Spent {
    pub(crate) wall: Duration,
    /// CPU time of the server and its children; steps of 10 ms.
    pub(crate) server_cpu: Duration,
    /// CPU time of the load generator, which shares the machine with the server.
    pub(crate) generator_cpu: Duration,
}

impl Meter {
    /// Starts measuring the process tree under `root`.
    pub(crate) fn start(root: u32) -> Self {
        Self {
            root,
            server_at_start: tree_cpu(root),
            generator_at_start: tree_cpu_of_one(std::process::id()),
            started: Instant::now(),
        }
    }

    /// What was spent up to now.
    pub(crate) fn read(&self) -> Spent {
        let wall = self.started.elapsed();
        Spent {
            wall,
            server_cpu: tree_cpu(self.root).saturating_sub(self.server_at_start),
            generator_cpu: tree_cpu_of_one(std::process::id()).saturating_sub(self.generator_at_start),
        }
    }
}

/// Resident memory of the process tree under `root`, in bytes: now, and the sum of each process's highest.
pub(crate) fn tree_memory(root: u32) -> (u64, u64) {
    tree(root)
        .into_iter()
        .filter_map(|process| fs::read_to_string(format!("/proc/{process}/status")).ok())
        .fold((0, 0), |(resident, highest), status| {
            (
                resident + status_kibibytes(&status, "VmRSS:") * 1024,
                highest + status_kibibytes(&status, "VmHWM:") * 1024,
            )
        })
}

/// CPU time of the process `root` and of all its descendants, living or waited for.
fn tree_cpu(root: u32) -> Duration {
    tree(root).into_iter().map(tree_cpu_of_one).sum()
}

fn tree_cpu_of_one(process: u32) -> Duration {
    let ticks = fs::read_to_string(format!("/proc/{process}/stat"))
        .ok()
        .and_then(|line| parse_stat(&line))
        .map_or(0, |stat| stat.ticks);
    Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND)
}

/// The process `root` and its living descendants.
fn tree(root: u32) -> Vec<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    for process in entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok()) {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok();
        if let Some(stat) = stat.as_deref().and_then(parse_stat) {
            children.entry(stat.parent).or_default().push(process);
        }
    }
    let mut found = vec![root];
    let mut next = 0;
    while let Some(process) = found.get(next).copied() {
        found.extend(children.remove(&process).unwrap_or_default());
        next += 1;
    }
    found
}

#[derive(Debug, PartialEq, Eq)]
struct Stat {
    parent: u32,
    /// utime + stime + cutime + cstime.
    ticks: u64,
}

/// Parses a line of `/proc/PID/stat` (see proc(5)). The second field, the command in brackets, may itself
/// contain blanks and brackets, so fields are counted from the last bracket.
fn parse_stat(line: &str) -> Option<Stat> {
    let fields: Vec<&str> = line.get(line.rfind(')')? + 1..)?.split_ascii_whitespace().collect();
    // The first field here is the third of proc(5): parent is field 4, utime to cstime are 14 to 17.
    let ticks = fields.get(11..15)?.iter().map(|field| field.parse::<u64>()).sum::<Result<u64, _>>();
    Some(Stat { parent: fields.get(1)?.parse().ok()?, ticks: ticks.ok()? })
}

fn status_kibibytes(status: &str, field: &str) -> u64 {
    status
        .lines()
        .find_map(|line| line.strip_prefix(field))
        .and_then(|rest| rest.split_ascii_whitespace().next())
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stat_lines() {
        let tail = "S 7 1 1 0 -1 4194560 1 2 3 4 100 20 3 4 20 0 1 0 9 1 1";
        let cases = [
            (format!("42 (sluice) {tail}"), Some(Stat { parent: 7, ticks: 127 })),
            (format!("42 (a) b (c) {tail}"), Some(Stat { parent: 7, ticks: 127 })),
            ("42 (short) S 7".to_owned(), None),
            (String::new(), None),
        ];
        for (line, expected) in cases {
            assert_eq!(parse_stat(&line), expected, "{line}");
        }
    }

    #[test]
    fn memory_lines() {
        let status = "Name:\tx\nVmHWM:\t  2048 kB\nVmRSS:\t  1024 kB\n";
        assert_eq!(status_kibibytes(status, "VmRSS:"), 1024);
        assert_eq!(status_kibibytes(status, "VmHWM:"), 2048);
        assert_eq!(status_kibibytes(status, "VmSwap:"), 0);
    }

    #[test]
    fn own_process_is_in_its_own_tree_and_uses_memory() {
        let own = std::process::id();
        assert!(tree(own).contains(&own));
        assert!(tree_memory(own).0 > 0);
    }
}
