//! Standard error of a process that has better things to do than to wait for its reader.
//!
//! A terminal that was stopped with Ctrl+S, or a pipe that nobody empties, holds up whoever writes. So a thread writes,
//! and whoever has something to say hands it over.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

/// How many pieces may wait to be written. Further ones are lost, and counted.
const MOST_WAITING: usize = 4096;

/// How long the end of a process waits until everything is written.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Hands over what is to be written. Clones hand over to the same thread.
#[derive(Clone)]
pub(crate) struct Background {
    queue: SyncSender<Piece>,
    lost: Arc<AtomicU64>,
}

enum Piece {
    Text(Vec<u8>),
    /// Everything before it is written when it is answered.
    Mark(SyncSender<()>),
}

impl Background {
    /// Starts a thread that writes to `writer`.
    pub(crate) fn start(writer: impl Write + Send + 'static) -> std::io::Result<Self> {
        let (queue, pieces) = sync_channel(MOST_WAITING);
        let lost = Arc::new(AtomicU64::new(0));
        let background = Self { queue, lost: Arc::clone(&lost) };
        std::thread::Builder::new()
            .name("messages".to_owned())
            .spawn(move || write_pieces(writer, &pieces, &lost))?;
        Ok(background)
    }

    /// Hands over a line.
    pub(crate) fn say(&self, line: impl std::fmt::Display) {
        self.hand_over(format!("{line}\n").into_bytes());
    }

    /// Waits until everything is written, but not long.
    pub(crate) fn finish(&self) {
        let (answer, written) = sync_channel(1);
        if self.queue.try_send(Piece::Mark(answer)).is_ok() {
            let _ = written.recv_timeout(LAST_WORDS);
        }
    }

    fn hand_over(&self, text: Vec<u8>) {
        if self.queue.try_send(Piece::Text(text)).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn write_pieces(mut writer: impl Write, pieces: &Receiver<Piece>, lost: &AtomicU64) {
    for piece in pieces {
        match piece {
            // A process whose messages cannot be written goes on.
            Piece::Text(text) => drop(writer.write_all(&text)),
            Piece::Mark(answer) => drop(answer.send(())),
        }
        let lost = lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            let _ = writeln!(writer, "{lost} messages are left out, because nobody read this for a while");
        }
    }
}

impl Write for Background {
    fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
        self.hand_over(text.to_vec());
        Ok(text.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Background {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{PipeReader, Read, pipe};

    use super::{Background, MOST_WAITING};

    /// Everything that is written until the writer is gone.
    fn everything(mut reader: PipeReader) -> String {
        let mut text = String::new();
        reader.read_to_string(&mut text).expect("text");
        text
    }

    #[test]
    fn what_is_said_is_written_in_its_order() {
        let (reader, writer) = pipe().expect("a pipe");
        let background = Background::start(writer).expect("a thread");
        background.say("one");
        background.clone().say("two");
        background.finish();
        drop(background);
        assert_eq!(everything(reader), "one\ntwo\n");
    }

    #[test]
    fn nobody_waits_for_who_does_not_read_and_what_is_lost_is_counted() {
        let (reader, writer) = pipe().expect("a pipe");
        let background = Background::start(writer).expect("a thread");
        // More than the pipe and the queue hold.
        let line = "x".repeat(1023);
        for _ in 0..MOST_WAITING + 2000 {
            background.say(&line);
        }
        background.finish();
        drop(background);
        let text = everything(reader);
        let (written, notes): (Vec<_>, Vec<_>) = text.lines().partition(|written| *written == line);
        let lost: usize = notes
            .iter()
            .map(|note| note.split(' ').next().expect("a word").parse::<usize>().expect(note))
            .sum();
        assert!(lost > 0);
        assert_eq!(written.len() + lost, MOST_WAITING + 2000, "{notes:?}");
    }
}
