//! Looks after the runs of a worker that is killed. A worker that dies by `kill -9` can do nothing any more, and its
//! runs would go on with nobody to cancel or count them. The guardian is a process of its own that hears from the
//! worker which groups of processes there are, and notices its end by the end of its standard input. Runs may then
//! finish by themselves for a while, in which the guardian reads what they print, because a program that prints to
//! nobody dies of it; after that they are asked to end, upon which the engine reports CRASHED, and in the
//! end they are killed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, Write};
use std::os::fd::AsRawFd;
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
    /// Its arguments; the id of the worker's process and the number of seconds are added to them.
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
            .args([std::process::id().to_string(), grace.as_secs().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            // A terminal's Ctrl+C must not reach it.
            .process_group(0)
            .spawn()?;
        let input = child.stdin.take();
        std::thread::spawn(move || child.wait());
        Ok(Self(Arc::new(Mutex::new(input))))
    }

    /// There is such a group, and here is what it prints.
    pub(super) fn watch(&self, pid: u32, prints: [&impl AsRawFd; 2]) {
        let [output, errors] = prints.map(AsRawFd::as_raw_fd);
        self.say(&format!("+{pid} {output} {errors}\n"));
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

/// The guardian's side: reads which groups there are, and ends them after `grace` when nobody writes any more. The
/// descriptors that the lines name are those of the process `worker`.
pub fn guard(input: impl BufRead, worker: u32, grace: Duration) {
    let mut groups: BTreeMap<i32, Vec<File>> = BTreeMap::new();
    for line in input.lines().map_while(Result::ok) {
        let mut words = line.get(1..).unwrap_or_default().split(' ');
        let Some(group) = words.next().and_then(|group| group.parse().ok()) else { continue };
        if line.starts_with('+') {
            // Opened anew, the pipes stay open when the worker is gone.
            let prints =
                words.filter_map(|descriptor| File::open(format!("/proc/{worker}/fd/{descriptor}")).ok());
            groups.insert(group, prints.collect());
        } else {
            groups.remove(&group);
        }
    }
    let lost = Instant::now();
    for mut prints in groups.values_mut().flat_map(std::mem::take) {
        std::thread::spawn(move || io::copy(&mut prints, &mut io::sink()));
    }
    let mut asked = false;
    loop {
        groups.retain(|group, _| killpg(Pid::from_raw(*group), None).is_ok());
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

fn signal_all(groups: &BTreeMap<i32, Vec<File>>, signal: Signal) {
    for group in groups.keys() {
        let _ = killpg(Pid::from_raw(*group), signal);
    }
}
