//! The runs of a period that have the state and the traits in common, as numbers.

use serde::{Deserialize, Serialize};
use sluice_wire::states::StateType;
use sluice_wire::time::Timestamp;

use super::Basis;
use super::asked::{Asked, Window};

/// What is stored. Times are microseconds since the beginning of the period: some sums depend on the present, in a way
/// that is a line once it is past a certain time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub(crate) state_type: Option<StateType>,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub(crate) state_name: Option<String>,
    #[serde(rename = "k", default, skip_serializing_if = "is_zero")]
    pub(crate) traits: i64,
    #[serde(rename = "n")]
    pub(crate) runs: i64,
    /// The time that those spent which are not running.
    #[serde(rename = "r", default, skip_serializing_if = "is_zero")]
    pub(crate) run_time: i64,
    #[serde(rename = "g", default, skip_serializing_if = "Option::is_none")]
    pub(crate) running: Option<Running>,
    /// By how much those were late that started.
    #[serde(rename = "l", default, skip_serializing_if = "is_zero")]
    pub(crate) lateness: i64,
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub(crate) waiting: Option<Waiting>,
    /// The other time of the runs.
    #[serde(rename = "o")]
    pub(crate) other: Other,
}

/// Runs that are running: together they have run for `runs * now + offset`, from `line_from` on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Running(pub(crate) i64, pub(crate) i64, pub(crate) i64);

/// Runs that should start: how many, and the sum, the smallest and the largest of the times when they should.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Waiting(pub(crate) i64, pub(crate) i64, pub(crate) i64, pub(crate) i64);

/// The smallest and the largest of the other times of the runs, and how many have none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Other(pub(crate) Option<i64>, pub(crate) Option<i64>, pub(crate) i64);

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

/// Numbers at a certain time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) state_type: Option<StateType>,
    pub(crate) state_name: Option<String>,
    pub(crate) traits: i64,
    pub(crate) runs: i64,
    pub(crate) run_time: i64,
    pub(crate) lateness: i64,
}

impl Entry {
    /// What this entry adds to the answer: `Ok(None)` when nothing of it is asked for, `Err` when it cannot be told
    /// from these numbers. `start` is that of the period, in microseconds since 1970; `now` the present, when run times
    /// and lateness are wanted.
    pub(crate) fn counted(
        &self,
        asked: &Asked,
        basis: Basis,
        start: i64,
        now: Option<Timestamp>,
    ) -> Result<Option<Counted>, Undecided> {
        if !asked.finds(self.state_type, self.state_name.as_deref(), self.traits) {
            return Ok(None);
        }
        match self.is_within(asked.window(basis.other()), start) {
            Some(true) => {}
            Some(false) => return Ok(None),
            None => return Err(Undecided),
        }
        let mut counted = Counted {
            state_type: self.state_type,
            state_name: self.state_name.clone(),
            traits: self.traits,
            runs: self.runs,
            run_time: self.run_time,
            lateness: self.lateness,
        };
        if let Some(now) = now {
            let now = now.as_micros().saturating_sub(start);
            if let Some(Running(runs, offset, line_from)) = self.running {
                if now < line_from {
                    return Err(Undecided);
                }
                counted.run_time += runs.saturating_mul(now).saturating_add(offset);
            }
            if let Some(Waiting(runs, sum, first, last)) = self.waiting {
                if now >= last {
                    counted.lateness += runs.saturating_mul(now).saturating_sub(sum);
                } else if now > first {
                    return Err(Undecided);
                }
            }
        }
        Ok(Some(counted))
    }

    /// Whether state and traits are the same.
    pub(super) fn is_of_the_kind_of(&self, entry: &Self) -> bool {
        self.state_type == entry.state_type
            && self.state_name == entry.state_name
            && self.traits == entry.traits
    }

    /// Adds runs of the same kind.
    pub(super) fn add(&mut self, entry: &Self) {
        self.runs += entry.runs;
        self.run_time = self.run_time.saturating_add(entry.run_time);
        self.lateness = self.lateness.saturating_add(entry.lateness);
        self.running = both(self.running, entry.running, |one, two| {
            Running(one.0 + two.0, one.1.saturating_add(two.1), one.2.max(two.2))
        });
        self.waiting = both(self.waiting, entry.waiting, |one, two| {
            Waiting(one.0 + two.0, one.1.saturating_add(two.1), one.2.min(two.2), one.3.max(two.3))
        });
        let (one, two) = (self.other, entry.other);
        self.other = Other(both(one.0, two.0, i64::min), both(one.1, two.1, i64::max), one.2 + two.2);
    }

    /// The same entry with times since a beginning that is so many microseconds later.
    pub(super) fn since(&self, later: i64) -> Self {
        Self {
            running: self.running.map(|Running(runs, offset, line_from)| {
                Running(
                    runs,
                    offset.saturating_add(runs.saturating_mul(later)),
                    line_from.saturating_sub(later),
                )
            }),
            waiting: self.waiting.map(|Waiting(runs, sum, first, last)| {
                let sum = sum.saturating_sub(runs.saturating_mul(later));
                Waiting(runs, sum, first.saturating_sub(later), last.saturating_sub(later))
            }),
            other: Other(
                self.other.0.map(|first| first.saturating_sub(later)),
                self.other.1.map(|last| last.saturating_sub(later)),
                self.other.2,
            ),
            ..self.clone()
        }
    }

    /// Whether the other time of all runs is in the window, or that of none.
    fn is_within(&self, window: Window, start: i64) -> Option<bool> {
        if window.is_open() {
            return Some(true);
        }
        let Other(Some(first), Some(last), without) = self.other else { return Some(false) };
        let (first, last) = (first.saturating_add(start), last.saturating_add(start));
        if window.holds(first) && window.holds(last) {
            (without == 0).then_some(true)
        } else if window.is_after(last) || window.is_before(first) {
            Some(false)
        } else {
            None
        }
    }
}

fn both<T>(one: Option<T>, two: Option<T>, together: impl FnOnce(T, T) -> T) -> Option<T> {
    match (one, two) {
        (Some(one), Some(two)) => Some(together(one, two)),
        (one, two) => one.or(two),
    }
}

/// The numbers of an entry do not tell: the runs themselves must be looked at.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Undecided;

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 7_200_000_000;

    #[test]
    fn the_present_counts_once_it_is_past_every_run() {
        let running = Entry {
            state_type: Some(StateType::Running),
            runs: 2,
            running: Some(Running(2, -30, 20)),
            ..Entry::default()
        };
        let waiting = Entry {
            state_type: Some(StateType::Scheduled),
            runs: 3,
            waiting: Some(Waiting(3, 60, 10, 30)),
            ..Entry::default()
        };
        let sums = |entry: &Entry, now: i64| {
            let counted = entry.counted(
                &Asked::default(),
                Basis::Expected,
                START,
                Some(Timestamp::from_micros(START + now)),
            );
            counted.map(|counted| counted.map(|counted| (counted.run_time, counted.lateness)))
        };
        for (now, run_time) in [(20, 10), (21, 12)] {
            assert_eq!(sums(&running, now), Ok(Some((run_time, 0))), "{now}");
        }
        assert_eq!(sums(&running, 19), Err(Undecided));
        for (now, lateness) in [(0, 0), (10, 0), (30, 30), (40, 60)] {
            assert_eq!(sums(&waiting, now), Ok(Some((0, lateness))), "{now}");
        }
        for now in [11, 29] {
            assert_eq!(sums(&waiting, now), Err(Undecided), "{now}");
        }
    }

    #[test]
    fn a_window_on_the_other_time_takes_all_runs_or_none() {
        let entry = |other| Entry { runs: 2, other, ..Entry::default() };
        let at = |micros: i64| Some(Timestamp::from_micros(START + micros));
        let some = |first, last, without| entry(Other(Some(first), Some(last), without));
        for (entry, after, before, expected) in [
            (some(5, 9, 0), None, None, Ok(true)),
            (some(5, 9, 1), None, None, Ok(true)),
            (some(5, 9, 0), at(5), at(9), Ok(true)),
            (some(5, 9, 0), at(6), None, Err(Undecided)),
            (some(5, 9, 0), None, at(8), Err(Undecided)),
            (some(5, 9, 0), at(10), None, Ok(false)),
            (some(5, 9, 0), None, at(4), Ok(false)),
            (some(5, 9, 1), at(10), None, Ok(false)),
            (some(5, 9, 1), at(5), at(9), Err(Undecided)),
            (entry(Other(None, None, 2)), at(5), None, Ok(false)),
        ] {
            let asked = Asked { started: Window { after, before }, ..Asked::default() };
            let counted = entry.counted(&asked, Basis::Expected, START, None);
            assert_eq!(counted.map(|counted| counted.is_some()), expected, "{entry:?} {after:?} {before:?}");
        }
    }

    #[test]
    fn what_is_zero_is_not_written() {
        let entry = Entry { state_type: Some(StateType::Completed), runs: 3, ..Entry::default() };
        let text = serde_json::to_string(&entry).expect("JSON");
        assert_eq!(text, r#"{"t":"COMPLETED","n":3,"o":[null,null,0]}"#);
        assert_eq!(serde_json::from_str::<Entry>(&text).expect("an entry"), entry);
    }
}
