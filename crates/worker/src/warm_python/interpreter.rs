//! One interpreter with Prefect imported: how it is started and how it is spoken with.

use std::collections::BTreeMap;
use std::io::{self, IoSlice};
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, BufReader, Interest};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};

use super::pool::WarmError;

/// What runs in the interpreter.
const PROGRAM: &str = concat!(include_str!("ready.py"), "\n\n", include_str!("warm.py"));
/// How long importing Prefect may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// An interpreter that is ready.
pub(super) struct Interpreter {
    pub(super) child: Child,
    pub(super) stream: BufReader<UnixStream>,
    /// More than one forbids to fork.
    pub(super) threads: usize,
    packages: Packages,
}

/// What was there when an interpreter was started.
pub(super) struct Packages(Vec<(PathBuf, Option<SystemTime>)>);

impl Packages {
    /// Whether packages were installed or removed since.
    pub(super) fn have_changed(&self) -> bool {
        self.0.iter().any(|(path, then)| modified(path) != *then)
    }
}

/// A job as the interpreter reads it.
#[derive(Serialize)]
pub(super) struct WireJob<'a> {
    pub(super) job: u64,
    pub(super) argv: [&'a str; 1],
    pub(super) cwd: &'a Path,
    pub(super) env: &'a BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Ready {
    threads: usize,
    packages: Vec<PathBuf>,
    version: String,
}

impl Interpreter {
    /// Starts one and waits until it has imported Prefect.
    pub(super) async fn start(
        python: &Path,
        environment: &BTreeMap<String, String>,
        mode: &str,
    ) -> Result<Self, WarmError> {
        let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        // What is of one run is none of its business.
        let lasting = environment.iter().filter(|(name, _)| !name.starts_with("PREFECT__"));
        let child = Command::new(python)
            .args(["-c", PROGRAM, mode])
            .env_clear()
            .envs(lasting)
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .process_group(0)
            .spawn()?;
        let mut stream = BufReader::new(UnixStream::from_std(ours)?);
        let mut line = String::new();
        tokio::time::timeout(PATIENCE, stream.read_line(&mut line)).await.map_err(|_| WarmError::Slow)??;
        let ready: Ready = serde_json::from_str(&line).map_err(|_| WarmError::NoPrefect)?;
        tracing::debug!(python = %python.display(), version = ready.version, mode, "an interpreter is warm");
        let packages = ready.packages.into_iter().map(|path| {
            let time = modified(&path);
            (path, time)
        });
        Ok(Self { child, stream, threads: ready.threads, packages: Packages(packages.collect()) })
    }

    pub(super) fn packages_have_changed(&self) -> bool {
        self.packages.have_changed()
    }

    /// The parts, for who speaks and who listens.
    pub(super) fn into_parts(self) -> (Child, BufReader<UnixStream>, Packages) {
        (self.child, self.stream, self.packages)
    }
}

/// Sends a job and the descriptors for what it prints.
pub(super) async fn send(
    stream: &UnixStream,
    job: &WireJob<'_>,
    output: OwnedFd,
    errors: OwnedFd,
) -> Result<(), WarmError> {
    let body = serde_json::to_vec(job).map_err(io::Error::other)?;
    let length = u32::try_from(body.len()).map_err(io::Error::other)?.to_be_bytes();
    let descriptors = [output.as_raw_fd(), errors.as_raw_fd()];
    let sent = stream
        .async_io(Interest::WRITABLE, || {
            let rights = [ControlMessage::ScmRights(&descriptors)];
            let parts = [IoSlice::new(&length)];
            sendmsg::<()>(stream.as_raw_fd(), &parts, &rights, MsgFlags::empty(), None)
                .map_err(io::Error::from)
        })
        .await?;
    if sent != length.len() {
        return Err(WarmError::Io(io::Error::other("the interpreter takes no more jobs")));
    }
    let mut rest = &body[..];
    while !rest.is_empty() {
        stream.writable().await?;
        match stream.try_write(rest) {
            Ok(written) => rest = &rest[written..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}
