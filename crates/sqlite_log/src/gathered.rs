//! What is to be written to a file, put together as long as it is one piece.

/// More than this is not written at once, in bytes. A single write of SQLite's layer for Unix cuts off the bits of its
/// length above the 17th, and then says that the disk is full; and a large transaction must not fill the memory.
const LIMIT: usize = 120 * 1024;

/// Bytes that belong to a file from an offset on, not yet written to it.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    offset: i64,
    bytes: Vec<u8>,
}

impl Gathered {
    /// Whether `length` bytes for `offset` continue what is here, and there is room for them.
    pub(crate) fn takes(&self, offset: i64, length: usize) -> bool {
        self.bytes.is_empty()
            || (i64::try_from(self.bytes.len()).is_ok_and(|gathered| self.offset + gathered == offset)
                && self.bytes.len() + length <= LIMIT)
    }

    /// Adds bytes that it [takes](Self::takes).
    pub(crate) fn add(&mut self, offset: i64, bytes: &[u8]) {
        if self.bytes.is_empty() {
            self.offset = offset;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// Gives out what is here, if anything is, to be written; it is gone then, written or not. SQLite undoes a
    /// transaction whose write fails, and writes what comes next to the same place.
    pub(crate) fn write<Outcome>(&mut self, write: impl FnOnce(i64, &[u8]) -> Outcome) -> Option<Outcome> {
        if self.bytes.is_empty() {
            return None;
        }
        let outcome = write(self.offset, &self.bytes);
        self.bytes.clear();
        Some(outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(gathered: &mut Gathered) -> Option<(i64, Vec<u8>)> {
        gathered.write(|offset, bytes| (offset, bytes.to_vec()))
    }

    #[test]
    fn what_follows_is_one_piece_and_what_does_not_is_refused() {
        let mut gathered = Gathered::default();
        assert!(gathered.takes(40, 3));
        gathered.add(40, b"abc");
        assert!(gathered.takes(43, 2));
        gathered.add(43, b"de");
        for elsewhere in [0, 40, 44, 46] {
            assert!(!gathered.takes(elsewhere, 1), "{elsewhere}");
        }
        assert_eq!(taken(&mut gathered), Some((40, b"abcde".to_vec())));
        assert_eq!(taken(&mut gathered), None);
        assert!(gathered.takes(0, 1));
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let mut gathered = Gathered::default();
        gathered.add(0, &vec![0; LIMIT]);
        assert!(!gathered.takes(LIMIT as i64, 1));
        taken(&mut gathered);
        // A single write may be larger than the limit: it goes through as it came.
        assert!(gathered.takes(0, LIMIT + 1));
    }
}
