//! Looks after the runs of a worker that is killed. A worker that dies by `kill -9` can do nothing any more, and its
//! runs would go on with nobody to cancel or count them. The guardian is a process of its own that hears from the
//! worker which groups of processes there are, and notices its end by the end of its standard input. Runs may then
//! finish by themselves for a while; after that they are asked to end, upon which the engine reports CRASHED, and in the
//! end they are killed.

use std::collections::BTreeSet;
use std::io::{self, BufRead, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// How long runs that were asked to end may take for it.
const TIME_TO_END: Duration = Duration::from_secs(15);
/// How often is looked whether they have ended.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// How the guardian is started: a program that calls [`guard`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardianCommand {
    /// The program.
    pub program: PathBuf,
    /// Its arguments; the number of seconds is added to them.
    pub arguments: Vec<String>,
}

/// The worker's side.
#[derive(Clone)]
pub(super) struct Guardian(Arc<Mutex<Option<ChildStdin>>>);

impl Guardian {
    pub(super) fn start(command: Option<&GuardianCommand>, grace: Duration) -> io::Result<Self> {
        let Some(command) = command else { return Ok(Self(Arc::default())) };
        let mut child = Command::new(&command.program)
            .args(&command.arguments)
            .arg(grace.as_secs().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            // A terminal's Ctrl+C must not reach it.
            .process_group(0)
            .spawn()?;
        let input = child.stdin.take();
        std::thread::spawn(move || child.wait());
        Ok(Self(Arc::new(Mutex::new(input))))
    }

    /// There is such a group.
    pub(super) fn watch(&self, pid: u32) {
        self.say(&format!("+{pid}\n"));
    }

    /// It has ended.
    pub(super) fn forget(&self, pid: u32) {
        self.say(&format!("-{pid}\n"));
    }

    fn say(&self, line: &str) {
        let mut input = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = input.as_mut()
            && let Err(error) = open.write_all(line.as_bytes())
        {
            tracing::warn!(%error, "the guardian is gone; runs would outlive this worker if it were killed");
            *input = None;
        }
    }
}

/// The guardian's side: reads which groups there are, and ends them after `grace` when nobody writes any more.
pub fn guard(input: impl BufRead, grace: Duration) {
    let mut groups = BTreeSet::new();
    for line in input.lines().map_while(Result::ok) {
        let Some(group) = line.get(1..).and_then(|group| group.parse::<i32>().ok()) else { continue };
        if line.starts_with('+') {
            groups.insert(group);
        } else {
            groups.remove(&group);
        }
    }
    let lost = Instant::now();
    let mut asked = false;
    loop {
        groups.retain(|group| killpg(Pid::from_raw(*group), None).is_ok());
        if groups.is_empty() {
            return;
        }
        if lost.elapsed() >= grace + TIME_TO_END {
            signal_all(&groups, Signal::SIGKILL);
            return;
        }
        if lost.elapsed() >= grace && !asked {
            asked = true;
            signal_all(&groups, Signal::SIGTERM);
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}

fn signal_all(groups: &BTreeSet<i32>, signal: Signal) {
    for group in groups {
        let _ = killpg(Pid::from_raw(*group), signal);
    }
}
