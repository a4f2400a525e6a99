//! Watches a container until its end, and passes on what it prints.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bollard::container::LogOutput;
use bollard::errors::Error;
use bollard::query_parameters::{LogsOptionsBuilder, RemoveContainerOptionsBuilder, WaitContainerOptions};
use futures::{Stream, StreamExt, TryStreamExt};
use tokio::sync::watch::{Receiver, channel};

use super::engine::Engine;
use super::errors::{is_missing, root_cause};
use super::exit::exit_of;
use super::labels::Watching;
use super::output::{LINES_KEPT, LastLines, Lines, split_timestamp};
use super::positions::{Position, Positions};
use crate::launchers::{Exit, OutputSink};

/// How long an engine that stopped answering is left alone before the next question.
const PAUSE: Duration = Duration::from_secs(1);

/// How long an ended container's output may be silent before nobody waits for more: some engines leave the stream open.
const SILENCE_AFTER_THE_END: Duration = Duration::from_secs(5);

/// How long after the last line is looked whether it was printed.
const NOTE_AFTER: Duration = Duration::from_millis(100);

/// A container to watch.
pub(super) struct Watched {
    /// Where it is.
    pub engine: Engine,
    /// Its id.
    pub container: String,
    /// How it is watched.
    pub watching: Watching,
    /// The containers that the launcher watches at the moment.
    pub all: WatchedContainers,
    /// How far the output of each was passed on.
    pub positions: Positions,
    /// How long after its end its output is passed on at most: the end does not depend on who reads what the worker prints.
    pub patience: Duration,
}

impl Watched {
    /// Resolves when the container has ended, or nobody can find it any more. Lines go to `output` while this is awaited;
    /// where there is none, only the last ones are fetched at the end. An engine that does not answer is waited for: its
    /// silence says nothing of the container.
    pub async fn until_the_end(self, output: Option<OutputSink>) -> Exit {
        let _entry = self.all.enter(&self.container);
        let is_resumed = self.positions.find(&self.container).is_some();
        let (announce, ended) = channel(false);
        let wait = async {
            let waited_for = self.wait().await;
            let _ = announce.send(true);
            waited_for
        };
        let follow = async {
            match output {
                Some(output) => tokio::select! {
                    followed = self.follow(output, ended.clone()) => Some(followed),
                    () = after(ended, self.patience) => None,
                },
                None => None,
            }
        };
        let (waited_for, followed) = futures::join!(wait, follow);
        let last_output = match followed {
            Some(Followed::ToTheEnd(lines)) if !is_resumed => lines.into_lines(),
            // Some of the last lines may be of the time of another worker, or wait to be printed.
            Some(_) | None => self.last_lines().await,
        };
        let Ok(code) = waited_for else {
            let reason = Some("the container was removed before its end was seen".to_owned());
            return Exit { code: None, reason, last_output };
        };
        let details = self.engine.docker.inspect_container(&self.container, None).await.ok();
        let state = details.as_ref().and_then(|details| details.state.as_ref());
        let limits = details.as_ref().and_then(|details| details.host_config.as_ref());
        let exit = exit_of(state, code, limits.and_then(|limits| limits.memory), last_output);
        if self.watching.auto_remove {
            remove(&self.engine, &self.container).await;
            self.positions.forget(&self.container);
        }
        exit
    }

    /// The exit code, where the engine says one. An error says that the container is gone.
    async fn wait(&self) -> Result<Option<i64>, Gone> {
        let mut is_silent = false;
        loop {
            let answer =
                self.engine.docker.wait_container(&self.container, None::<WaitContainerOptions>).next().await;
            match answer {
                Some(Ok(answer)) => return Ok(Some(answer.status_code)),
                Some(Err(Error::DockerContainerWaitError { code, .. })) => return Ok(Some(code)),
                Some(Err(error)) if is_missing(&error) => return Err(Gone),
                Some(Err(error)) if !is_silent => {
                    let (container, cause) = (&self.container, root_cause(&error));
                    tracing::warn!(
                        container,
                        cause,
                        "lost sight of a container, asking again until the engine answers"
                    );
                    is_silent = true;
                }
                _ => {}
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Passes on every line. The engine keeps what is printed while the queue is full, so neither the worker grows nor
    /// the container waits.
    async fn follow(&self, output: OutputSink, mut ended: Receiver<bool>) -> Followed {
        let mut last = LastLines::default();
        let mut lines = Lines::default();
        let mut seen = Seen::from(self.positions.find(&self.container));
        // Whether lines were passed on since the position was noted.
        let mut is_to_note = false;
        loop {
            // A stream that is followed may end before the last line: after the end, what is left is read once more.
            let is_over = *ended.borrow();
            let mut frames = std::pin::pin!(self.frames(&seen, !is_over));
            let failure = loop {
                // A line counts when it is printed, not while it waits for that.
                if is_to_note && output.capacity() == output.max_capacity() {
                    self.positions.note(&self.container, seen.position());
                    is_to_note = false;
                }
                let patience = if is_to_note { NOTE_AFTER } else { SILENCE_AFTER_THE_END };
                let frame = match tokio::time::timeout(patience, frames.try_next()).await {
                    Ok(Ok(Some(frame))) => frame,
                    Ok(Ok(None)) => break None,
                    Ok(Err(error)) => break Some(error),
                    Err(_) if *ended.borrow() && !is_to_note => break None,
                    Err(_) => continue,
                };
                let is_error = matches!(frame, LogOutput::StdErr { .. });
                let bytes = frame.into_bytes();
                let (timestamp, text) =
                    if self.watching.has_terminal { (None, &bytes[..]) } else { split_timestamp(&bytes) };
                if !seen.is_new(timestamp) {
                    continue;
                }
                is_to_note = true;
                for line in lines.push(is_error, text) {
                    last.push(&line.text);
                    if output.send(line).await.is_err() {
                        return Followed::NobodyListens;
                    }
                }
            };
            if let Some(error @ Error::DockerResponseServerError { .. }) = &failure {
                // The container is gone, or its output goes where the engine cannot read it.
                let (container, cause) = (&self.container, root_cause(error));
                tracing::warn!(container, cause, "cannot read what the container prints");
                break;
            }
            // Without times there is no telling what was seen already.
            if is_over || (self.watching.has_terminal && *ended.borrow()) {
                break;
            }
            seen.begin_again();
            // The stream ends with the container. Where it ended for another reason, it is taken up again.
            let _ = tokio::time::timeout(PAUSE, ended.wait_for(|ended| *ended)).await;
        }
        for line in lines.finish() {
            last.push(&line.text);
            let _ = output.send(line).await;
        }
        Followed::ToTheEnd(last)
    }

    /// What the container prints and has printed, from about the last that was seen on.
    fn frames(&self, seen: &Seen, follow: bool) -> impl Stream<Item = Result<LogOutput, Error>> + use<> {
        let options = LogsOptionsBuilder::default()
            .follow(follow)
            .stdout(true)
            .stderr(true)
            .timestamps(!self.watching.has_terminal)
            .since(seen.second())
            .tail(if self.watching.has_terminal && seen.anything { "0" } else { "all" })
            .build();
        self.engine.docker.logs(&self.container, Some(options))
    }

    async fn last_lines(&self) -> Vec<String> {
        let options =
            LogsOptionsBuilder::default().stdout(true).stderr(true).tail(&LINES_KEPT.to_string()).build();
        let mut frames = std::pin::pin!(self.engine.docker.logs(&self.container, Some(options)));
        let mut lines = Lines::default();
        let mut last = LastLines::default();
        while let Ok(Some(frame)) = frames.try_next().await {
            let is_error = matches!(frame, LogOutput::StdErr { .. });
            lines.push(is_error, &frame.into_bytes()).iter().for_each(|line| last.push(&line.text));
        }
        lines.finish().iter().for_each(|line| last.push(&line.text));
        last.into_lines()
    }
}

/// Which of the engine's frames have been passed on. The engine can be asked for what it wrote since a second, and sends
/// it in the same order every time: so it is enough to count the frames of the latest second. Their exact times would not
/// do: they are not in order where both streams write at once, and the pieces of a long line share one.
#[derive(Default)]
struct Seen {
    anything: bool,
    /// The latest second of a frame, since 1970.
    second: i64,
    /// How many frames of that second were passed on.
    of_that_second: usize,
    /// How many of them are still to come for a second time.
    again: usize,
}

impl Seen {
    /// Takes note of a frame; `false` if it has been passed on already.
    fn is_new(&mut self, timestamp: Option<&str>) -> bool {
        self.anything = true;
        let time = timestamp.and_then(|timestamp| timestamp.parse::<jiff::Timestamp>().ok());
        let Some(second) = time.map(jiff::Timestamp::as_second) else { return true };
        match second.cmp(&self.second) {
            Ordering::Less => {}
            Ordering::Equal if self.again > 0 => {
                self.again -= 1;
                return false;
            }
            Ordering::Equal => self.of_that_second += 1,
            Ordering::Greater => (self.second, self.of_that_second, self.again) = (second, 1, 0),
        }
        true
    }

    /// How far the frames were passed on.
    fn position(&self) -> Position {
        Position { second: self.second, frames: self.of_that_second }
    }

    /// The stream begins anew, from [`Self::second`].
    fn begin_again(&mut self) {
        self.again = self.of_that_second;
    }

    /// The second from which on the engine is asked. 0 asks for everything.
    fn second(&self) -> i32 {
        i32::try_from(self.second).unwrap_or_default()
    }
}

impl From<Option<Position>> for Seen {
    /// Goes on after what another worker has passed on.
    fn from(position: Option<Position>) -> Self {
        let Some(Position { second, frames }) = position else { return Self::default() };
        Self { anything: true, second, of_that_second: frames, again: frames }
    }
}

/// Resolves when nobody waits for the output of a container any more.
async fn after(mut ended: Receiver<bool>, patience: Duration) {
    // Where nobody can announce the end any more, it has come.
    let _ = ended.wait_for(|ended| *ended).await;
    tokio::time::sleep(patience).await;
}

/// The container cannot be found.
struct Gone;

enum Followed {
    ToTheEnd(LastLines),
    NobodyListens,
}

/// Removes a container that has ended, with the volumes that have no name. Nothing follows from a failure but a line in
/// the worker's log: the run's end is known.
pub(super) async fn remove(engine: &Engine, container: &str) {
    let options = RemoveContainerOptionsBuilder::default().v(true).build();
    match engine.docker.remove_container(container, Some(options)).await {
        Ok(()) => {}
        Err(Error::DockerResponseServerError { status_code: 404 | 409, .. }) => {
            // Somebody else removes it at the same time.
        }
        Err(error) => {
            tracing::warn!(container, cause = root_cause(&error), "cannot remove a container that has ended")
        }
    }
}

/// The containers that a launcher watches at the moment: what they left behind is cleared up by their watch.
#[derive(Debug, Clone, Default)]
pub(super) struct WatchedContainers(Arc<Mutex<HashSet<String>>>);

impl WatchedContainers {
    /// Whether a container is watched.
    pub fn contains(&self, container: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(container)
    }

    /// Enters a container until the entry is dropped.
    pub fn enter(&self, container: &str) -> WatchedEntry {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(container.to_owned());
        WatchedEntry { all: self.clone(), container: container.to_owned() }
    }
}

/// Keeps a container among the watched ones.
pub(super) struct WatchedEntry {
    all: WatchedContainers,
    container: String,
}

impl Drop for WatchedEntry {
    fn drop(&mut self) {
        self.all.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.container);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_is_taken_up_again_repeats_nothing() {
        let first = Some("2026-11-28T04:18:58.000000001Z");
        let second = Some("2026-11-28T04:18:59.000000007Z");
        // Written by the other stream: a little earlier, and after it.
        let late = Some("2026-11-28T04:18:59.000000003Z");
        let third = Some("2026-11-28T04:19:00.000000000Z");
        let mut seen = Seen::default();
        let mut take = |frames: &[Option<&str>], anew: bool| -> Vec<bool> {
            if anew {
                seen.begin_again();
            }
            frames.iter().map(|frame| seen.is_new(*frame)).collect()
        };
        assert_eq!(take(&[first, second, late, None], false), [true; 4]);
        assert_eq!(take(&[second], true), [false], "the connection is lost again at once");
        assert_eq!(take(&[second, late, late, third, late], true), [false, false, true, true, true]);
        assert_eq!(take(&[third, third], true), [false, true]);
        assert_eq!(seen.second(), 1_795_839_540);
        assert_eq!(Seen::default().second(), 0);
    }
}
