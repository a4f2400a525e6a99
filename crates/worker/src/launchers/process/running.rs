//! A process that runs, and how it is stopped.

use std::time::Duration;

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use tokio::sync::watch;

use super::control_channel::{Intent, Registration};
use crate::launchers::StopCause;

/// A process that runs.
pub(super) struct Running {
    pub(super) pid: u32,
    control: Registration,
    ended: watch::Sender<bool>,
}

impl Running {
    pub(super) fn new(pid: u32, control: Registration) -> Self {
        Self { pid, control, ended: watch::channel(false).0 }
    }

    /// Notes that it has ended: its id may belong to somebody else from now on.
    pub(super) fn has_ended(&self) {
        self.ended.send_replace(true);
    }

    /// Tells the engine why, ends the group gently, and after `grace` for good. An engine that is told nothing reports
    /// that its run crashed.
    pub(super) async fn stop(&self, cause: StopCause, grace: Duration) {
        let mut ended = self.ended.subscribe();
        if *ended.borrow() {
            return;
        }
        let intent = match cause {
            StopCause::Cancelled => Some(Intent::Cancel),
            // Its worker says what became of it.
            StopCause::HandBack | StopCause::TimeLimit(_) => Some(Intent::Reschedule),
            StopCause::Shutdown => None,
        };
        if let Some(intent) = intent
            && !self.control.tell(intent).await
        {
            tracing::debug!(pid = self.pid, "the engine is not there yet to hear why it ends");
        }
        if *ended.borrow() {
            return;
        }
        signal_group(self.pid, Signal::SIGTERM);
        if tokio::time::timeout(grace, ended.wait_for(|ended| *ended)).await.is_err() {
            signal_group(self.pid, Signal::SIGKILL);
            let _ = ended.wait_for(|ended| *ended).await;
        }
    }
}

/// Sends a signal to a process and everything that it started; a group that is gone is fine.
pub(super) fn signal_group(pid: u32, signal: Signal) {
    if let Ok(pid) = i32::try_from(pid) {
        let _ = killpg(Pid::from_raw(pid), signal);
    }
}

/// Whether there is a process of this id on this machine, whoever's it is.
pub(super) fn is_there(pid: u32) -> bool {
    use nix::errno::Errno;
    i32::try_from(pid).is_ok_and(|pid| pid > 0 && kill(Pid::from_raw(pid), None) != Err(Errno::ESRCH))
}
