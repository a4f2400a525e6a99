//! One server process: in a process group of its own, ended by id.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::failure::Failure;

/// How long a server may take to end by itself after it was asked to.
const STOP_WITHIN: Duration = Duration::from_secs(15);

/// A child process that does not outlive this value.
#[derive(Debug)]
pub(crate) struct ServerProcess {
    child: Child,
}

impl ServerProcess {
    /// Starts `command` with its output appended to `log`.
    ///
    /// The child leads a process group, so that Ctrl-C reaches the load generator alone and the whole group can
    /// be ended at once.
    pub(crate) fn spawn(mut command: Command, log: &Path) -> Result<Self, Failure> {
        let log = File::options().create(true).append(true).open(log)?;
        let child =
            command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).process_group(0).spawn()?;
        Ok(Self { child })
    }

    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether the process has not ended yet.
    pub(crate) fn is_running(&mut self) -> Result<bool, Failure> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// Sends SIGTERM and waits; dropping kills what is still there.
    pub(crate) async fn stop(mut self) -> Result<(), Failure> {
        signal("-TERM", &self.id().to_string());
        let deadline = Instant::now() + STOP_WITHIN;
        while self.is_running()? && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // Until the child has been waited for, its id and its group's id cannot belong to anybody else.
        if matches!(self.child.try_wait(), Ok(None)) {
            signal("-KILL", &format!("-{}", self.id()));
            // Should kill(1) itself have been ended, the server must be gone before it is waited for.
            self.child.kill().ok();
            self.child.wait().ok();
        }
    }
}

/// Sends a signal through kill(1): the standard library has no safe call for it. In a group of its own, because
/// whoever interrupts the load generator often signals its whole group.
fn signal(signal: &str, target: &str) {
    Command::new("kill").args([signal, "--", target]).stdin(Stdio::null()).process_group(0).status().ok();
}
