//! What a process prints, and its end.

use std::collections::VecDeque;
use std::time::Duration;

use nix::sys::signal::Signal;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::sync::mpsc::{self, Permit};

use super::running::signal_group;
use super::spawn::{End, Started};
use crate::launchers::{Exit, OutputLine, OutputSink};

/// How many lines a report of a crash has.
const LAST_LINES: usize = 20;
/// A longer line is cut into several.
const LONGEST_LINE: usize = 64 * 1024;
/// How long what a run left running in the background may keep its output open.
const LINGER: Duration = Duration::from_secs(1);

/// Passes on what a process prints until it has ended, and says how it did.
pub(super) async fn follow(started: Started, sink: Option<OutputSink>) -> Exit {
    let Started { pid, output, errors, mut ended } = started;
    let (lines, mut read) = mpsc::channel(64);
    tokio::spawn(read_lines(output, false, lines.clone()));
    tokio::spawn(read_lines(errors, true, lines));
    let mut last = VecDeque::new();
    // A line that was read and has not found a place in the queue yet. The end does not wait for who empties it.
    let mut waiting = None;
    let end = loop {
        tokio::select! {
            end = &mut ended => break end,
            place = place_in(sink.as_ref()), if waiting.is_some() => hand_over(waiting.take(), place),
            Some(line) = read.recv(), if waiting.is_none() => waiting = Some(keep(line, &mut last)),
        }
    };
    // What it left behind in its group goes with it, and lets go of the pipes.
    signal_group(pid, Signal::SIGTERM);
    let rest = async {
        loop {
            if waiting.is_some() {
                let place = place_in(sink.as_ref()).await;
                hand_over(waiting.take(), place);
            }
            let Some(line) = read.recv().await else { break };
            waiting = Some(keep(line, &mut last));
        }
    };
    if tokio::time::timeout(LINGER, rest).await.is_err() {
        signal_group(pid, Signal::SIGKILL);
        // Where nobody takes the lines, the last of them are still to be told.
        let unheard = async {
            while let Some(line) = read.recv().await {
                keep(line, &mut last);
            }
        };
        let _ = tokio::time::timeout(LINGER, unheard).await;
    }
    let last_output = last.into();
    match end {
        Some(End::Code(code)) => Exit { code: Some(code), reason: None, last_output },
        Some(End::Signal(signal)) => {
            let name = Signal::try_from(signal).map_or("a signal", Signal::as_str);
            Exit { code: Some(128 + signal), reason: Some(format!("killed by {name}")), last_output }
        }
        None => Exit { code: None, reason: None, last_output },
    }
}

/// Keeps a line among the last ones.
fn keep(line: OutputLine, last: &mut VecDeque<String>) -> OutputLine {
    if last.len() == LAST_LINES {
        last.pop_front();
    }
    last.push_back(line.text.clone());
    line
}

/// Waits for a place in the queue; there is none where nobody listens, as when the worker stops.
async fn place_in(sink: Option<&OutputSink>) -> Option<Permit<'_, OutputLine>> {
    sink?.reserve().await.ok()
}

fn hand_over(line: Option<OutputLine>, place: Option<Permit<'_, OutputLine>>) {
    if let (Some(line), Some(place)) = (line, place) {
        place.send(line);
    }
}

async fn read_lines(from: impl AsyncRead + Unpin, is_error: bool, lines: mpsc::Sender<OutputLine>) {
    let mut reader = BufReader::new(from);
    let mut line = Vec::new();
    loop {
        line.clear();
        if !matches!(read_line(&mut reader, &mut line).await, Ok(1..)) {
            return;
        }
        while line.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
            line.pop();
        }
        let text = String::from_utf8_lossy(&line).into_owned();
        if lines.send(OutputLine { is_error, text }).await.is_err() {
            return;
        }
    }
}

/// Reads up to the end of a line, or as much as one may have: a line without an end must not fill the memory.
async fn read_line(
    reader: &mut BufReader<impl AsyncRead + Unpin>,
    line: &mut Vec<u8>,
) -> std::io::Result<usize> {
    loop {
        let available = reader.fill_buf().await?;
        if available.is_empty() {
            return Ok(line.len());
        }
        let room = LONGEST_LINE - line.len();
        let end = available.iter().take(room).position(|byte| *byte == b'\n').map(|at| at + 1);
        let taken = end.unwrap_or_else(|| available.len().min(room));
        line.extend_from_slice(&available[..taken]);
        reader.consume(taken);
        if end.is_some() || line.len() >= LONGEST_LINE {
            return Ok(line.len());
        }
    }
}
