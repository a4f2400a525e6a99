//! A process that was started, warm or cold, and the cold start.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Stdio;

use futures::future::BoxFuture;
use tokio::net::unix::pipe;

use crate::launchers::LaunchError;

/// A process that was started; the leader of a group of its own.
pub(crate) struct Started {
    /// Its id, and that of its group.
    pub(crate) pid: u32,
    /// What it prints.
    pub(crate) output: pipe::Receiver,
    /// What it prints to standard error.
    pub(crate) errors: pipe::Receiver,
    /// Resolves when it has ended; `None` when nobody can tell how.
    pub(crate) ended: BoxFuture<'static, Option<End>>,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// By itself.
    Code(i32),
    /// By a signal.
    Signal(i32),
}

impl End {
    /// What an exit status says.
    pub(crate) fn of(status: std::process::ExitStatus) -> Option<Self> {
        status.code().map(Self::Code).or_else(|| status.signal().map(Self::Signal))
    }
}

/// Starts a process from nothing, in `directory`, with exactly this environment.
pub(super) fn cold(
    words: &[String],
    environment: &BTreeMap<String, String>,
    directory: &Path,
) -> Result<Started, LaunchError> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(LaunchError::Job("the command is empty".to_owned()));
    };
    let start = || -> io::Result<Started> {
        let (output_end, output) = output_pipe()?;
        let (errors_end, errors) = output_pipe()?;
        let mut child = tokio::process::Command::new(program)
            .args(arguments)
            .current_dir(directory)
            .env_clear()
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(Stdio::from(output_end))
            .stderr(Stdio::from(errors_end))
            .process_group(0)
            .spawn()?;
        let pid = child.id().ok_or_else(|| io::Error::other("it ended at once"))?;
        let ended = Box::pin(async move { child.wait().await.ok().and_then(End::of) });
        Ok(Started { pid, output, errors, ended })
    };
    start().map_err(|error| LaunchError::Job(format!("cannot start {program:?}: {error}")))
}

/// A pipe: the end for a process, and ours.
pub(crate) fn output_pipe() -> io::Result<(OwnedFd, pipe::Receiver)> {
    let (sender, receiver) = pipe::pipe()?;
    Ok((sender.into_blocking_fd()?, receiver))
}
