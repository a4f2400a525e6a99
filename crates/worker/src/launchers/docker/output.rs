//! What a container prints, from the engine's frames to lines.

use std::collections::VecDeque;

use crate::launchers::OutputLine;

/// How many of the last lines are kept for the report of a crash.
pub(super) const LINES_KEPT: usize = 20;

/// The longest line; a longer one is passed on in pieces, so that a job cannot fill the worker's memory.
const LONGEST_LINE: usize = 64 * 1024;

/// Puts lines together. The engine sends a frame for each line, and several for a long one.
#[derive(Debug, Default)]
pub(super) struct Lines {
    standard_output: Vec<u8>,
    standard_error: Vec<u8>,
}

impl Lines {
    /// Takes a piece of one of the two streams and returns the lines that it completes.
    pub fn push(&mut self, is_error: bool, piece: &[u8]) -> Vec<OutputLine> {
        let pending = if is_error { &mut self.standard_error } else { &mut self.standard_output };
        pending.extend_from_slice(piece);
        let mut lines = Vec::new();
        loop {
            let end = match pending.iter().position(|byte| *byte == b'\n') {
                Some(position) => position + 1,
                None if pending.len() >= LONGEST_LINE => LONGEST_LINE,
                None => return lines,
            };
            lines.push(line(is_error, &pending[..end]));
            pending.drain(..end);
        }
    }

    /// What is left when the streams have ended.
    pub fn finish(&mut self) -> Vec<OutputLine> {
        let rest = [(false, &mut self.standard_output), (true, &mut self.standard_error)];
        let rest = rest.into_iter().filter(|(_, pending)| !pending.is_empty());
        rest.map(|(is_error, pending)| line(is_error, &std::mem::take(pending))).collect()
    }
}

fn line(is_error: bool, bytes: &[u8]) -> OutputLine {
    let text = String::from_utf8_lossy(bytes);
    OutputLine { is_error, text: text.trim_end_matches(['\n', '\r']).to_owned() }
}

/// The time at the head of a frame, and the rest of the frame. Where there is none, everything is the rest.
pub(super) fn split_timestamp(frame: &[u8]) -> (Option<&str>, &[u8]) {
    let space = frame.iter().take(64).position(|byte| *byte == b' ');
    let timestamp = space.and_then(|space| std::str::from_utf8(&frame[..space]).ok());
    match (timestamp, space) {
        (Some(timestamp), Some(space)) if is_timestamp(timestamp) => (Some(timestamp), &frame[space + 1..]),
        _ => (None, frame),
    }
}

/// Whether a text looks like `2026-11-28T04:18:58.123456789Z`.
fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 20 && bytes[4] == b'-' && bytes[10] == b'T' && bytes[..4].iter().all(u8::is_ascii_digit)
}

/// The last lines that were printed.
#[derive(Debug, Default)]
pub(super) struct LastLines(VecDeque<String>);

impl LastLines {
    /// Keeps a line, and forgets the oldest of too many.
    pub fn push(&mut self, line: &str) {
        if self.0.len() == LINES_KEPT {
            self.0.pop_front();
        }
        self.0.push_back(line.to_owned());
    }

    /// The lines, oldest first.
    pub fn into_lines(self) -> Vec<String> {
        self.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_put_together_from_the_frames_of_two_streams() {
        let mut lines = Lines::default();
        let mut texts = |is_error, piece: &[u8]| -> Vec<String> {
            lines
                .push(is_error, piece)
                .into_iter()
                .map(|line| format!("{}:{}", line.is_error, line.text))
                .collect()
        };
        let nothing: [&str; 0] = [];
        assert_eq!(texts(false, b"begin "), nothing);
        assert_eq!(texts(true, b"warning\r\n"), ["true:warning"]);
        assert_eq!(texts(false, b"end\n\nnext\nla"), ["false:begin end", "false:", "false:next"]);
        assert_eq!(texts(true, &[0xff, b'\n']), ["true:\u{fffd}"]);
        assert_eq!(texts(true, b"unfinished"), nothing);
        let rest: Vec<_> = lines.finish().into_iter().map(|line| line.text).collect();
        assert_eq!(rest, ["la", "unfinished"]);
        assert_eq!(lines.finish(), []);
    }

    #[test]
    fn a_line_without_end_is_passed_on_in_pieces() {
        let mut lines = Lines::default();
        let passed = lines.push(false, &vec![b'x'; LONGEST_LINE * 2 + 1]);
        assert_eq!(
            passed.iter().map(|line| line.text.len()).collect::<Vec<_>>(),
            [LONGEST_LINE, LONGEST_LINE]
        );
        assert_eq!(lines.finish()[0].text, "x");
    }

    #[test]
    fn a_frame_begins_with_its_time() {
        let time = "2026-11-28T04:18:58.123456789Z";
        let frame = format!("{time} hello world\n");
        assert_eq!(split_timestamp(frame.as_bytes()), (Some(time), &b"hello world\n"[..]));
        for frame in ["hello world\n", "", "4711 lines\n", "2026-11-28 04:18 begin\n"] {
            assert_eq!(split_timestamp(frame.as_bytes()), (None, frame.as_bytes()), "{frame:?}");
        }
    }

    #[test]
    fn the_last_lines_are_kept() {
        let mut last = LastLines::default();
        for number in 0..LINES_KEPT + 5 {
            last.push(&number.to_string());
        }
        let lines = last.into_lines();
        assert_eq!((lines.len(), lines[0].as_str(), lines[LINES_KEPT - 1].as_str()), (LINES_KEPT, "5", "24"));
    }
}
