//! Dates of a wall clock, handed out as points in time in their order.
//!
//! A wall-clock time that clocks jumped over is moved by the length of the jump, past or before its neighbours. Dates
//! are therefore held back until no later reading of the clock can still mean an earlier point in time; away from
//! such a jump that is one date at most.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::calendar::Wall;
use crate::zone::{GapRule, Zone};

/// A source of wall-clock times, strictly ascending.
pub(crate) trait WallDates {
    /// The next one, or `None` at the end.
    fn next_wall(&mut self) -> Option<Wall>;
}

/// The points in time that the readings of a source mean: ascending, each once, none before `start`.
#[derive(Debug)]
pub(crate) struct Ascending<Source> {
    source: Source,
    zone: Zone,
    gap_rule: GapRule,
    start: i64,
    held_back: BinaryHeap<Reverse<i64>>,
    /// Nothing that the source still has means a point in time before this one.
    settled_until: i64,
    is_exhausted: bool,
    last: Option<i64>,
}

impl<Source: WallDates> Ascending<Source> {
    /// `start` is in seconds since the epoch; the source must begin at [`Zone::earliest_wall_for`] it, or before.
    pub(crate) fn new(source: Source, zone: Zone, gap_rule: GapRule, start: i64) -> Self {
        Self {
            source,
            zone,
            gap_rule,
            start,
            held_back: BinaryHeap::new(),
            settled_until: i64::MIN,
            is_exhausted: false,
            last: None,
        }
    }

    /// The next date in seconds since the epoch.
    pub(crate) fn next_instant(&mut self) -> Option<i64> {
        loop {
            match self.held_back.peek() {
                Some(&Reverse(earliest)) if self.is_exhausted || earliest <= self.settled_until => {
                    self.held_back.pop();
                    if self.last != Some(earliest) {
                        self.last = Some(earliest);
                        return Some(earliest);
                    }
                }
                None if self.is_exhausted => return None,
                _ => self.pull(),
            }
        }
    }

    fn pull(&mut self) {
        match self.source.next_wall() {
            None => self.is_exhausted = true,
            Some(wall) => {
                let instant = self.zone.instant_of(wall, self.gap_rule);
                self.settled_until = self.zone.earliest_instant_after(wall, instant);
                if instant >= self.start {
                    self.held_back.push(Reverse(instant));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ascending, WallDates};
    use crate::calendar::{Wall, days_from_civil};
    use crate::zone::{GapRule, Zone};

    struct EveryQuarterHour(Wall);

    impl WallDates for EveryQuarterHour {
        fn next_wall(&mut self) -> Option<Wall> {
            self.0 = self.0.plus(900);
            Some(self.0)
        }
    }

    #[test]
    fn dates_ascend_over_every_change_of_offset() {
        // A jump of a whole day, of half an hour, and the usual hour; forth and back.
        for (zone, year, month, day) in [
            ("Pacific/Apia", 2011, 12, 29),
            ("Australia/Lord_Howe", 2024, 10, 5),
            ("Australia/Lord_Howe", 2024, 4, 6),
            ("America/New_York", 2024, 3, 9),
            ("America/New_York", 2024, 11, 2),
        ] {
            for gap_rule in [GapRule::Later, GapRule::Earlier] {
                let zone = Zone::named(Some(zone), false).expect("exists");
                let begin = Wall::from_parts(days_from_civil(year, month, day), 0);
                let start = zone.instant_of(begin, gap_rule);
                let mut dates = Ascending::new(EveryQuarterHour(begin), zone, gap_rule, start);
                let taken: Vec<i64> = std::iter::from_fn(|| dates.next_instant()).take(400).collect();
                assert!(taken.is_sorted_by(|earlier, later| earlier < later), "{gap_rule:?}: {taken:?}");
            }
        }
    }
}
