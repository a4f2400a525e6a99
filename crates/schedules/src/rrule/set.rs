//! The wall-clock times of a set: rules and dates that are in, without rules and dates that are out.

use super::occurrences::RuleWalls;
use super::parse::Recurrence;
use crate::ascending::WallDates;
use crate::calendar::Wall;

/// Times in a row that may be taken out before the set is taken to have no more.
const EXCLUSION_LIMIT: u32 = 200_000;

/// The occurrences of a recurrence, one rule or a set of several.
#[derive(Debug)]
pub(crate) struct SetWalls {
    included: Vec<Member>,
    excluded: Vec<Member>,
}

/// One rule or list of dates of the set, and its next time.
#[derive(Debug)]
struct Member {
    times: Times,
    next: Option<Wall>,
}

#[derive(Debug)]
enum Times {
    OfRule(Box<RuleWalls>),
    /// Descending, so that the next one is the last.
    Listed(Vec<Wall>),
}

impl Member {
    fn new(times: Times, from: Wall) -> Self {
        let mut member = Self { times, next: None };
        if let Times::OfRule(rule) = &mut member.times {
            rule.seek(from);
        }
        member.advance();
        member.advance_to(from);
        member
    }

    fn advance(&mut self) {
        self.next = match &mut self.times {
            Times::OfRule(rule) => rule.next_wall(),
            Times::Listed(walls) => walls.pop(),
        };
    }

    /// To the first time at or after `from`.
    fn advance_to(&mut self, from: Wall) {
        if self.next.is_some_and(|next| next < from)
            && let Times::OfRule(rule) = &mut self.times
        {
            rule.seek(from);
        }
        while self.next.is_some_and(|next| next < from) {
            self.advance();
        }
    }
}

impl SetWalls {
    /// The times at or after `from`.
    pub(super) fn new(recurrence: Recurrence, from: Wall) -> Self {
        let rule_count = recurrence.rules.len() + recurrence.excluded_rules.len();
        let of_rule = |rule| Member::new(Times::OfRule(Box::new(RuleWalls::new(rule, rule_count))), from);
        let listed = |mut walls: Vec<Wall>| {
            walls.sort_unstable_by(|left, right| right.cmp(left));
            Member::new(Times::Listed(walls), from)
        };
        let mut included: Vec<Member> = recurrence.rules.into_iter().map(of_rule).collect();
        included.push(listed(recurrence.dates));
        let mut excluded: Vec<Member> = recurrence.excluded_rules.into_iter().map(of_rule).collect();
        excluded.push(listed(recurrence.excluded_dates));
        Self { included, excluded }
    }
}

impl WallDates for SetWalls {
    fn next_wall(&mut self) -> Option<Wall> {
        for _ in 0..EXCLUSION_LIMIT {
            let earliest = self.included.iter().filter_map(|member| member.next).min()?;
            for member in &mut self.included {
                while member.next == Some(earliest) {
                    member.advance();
                }
            }
            let mut is_excluded = false;
            for member in &mut self.excluded {
                member.advance_to(earliest);
                is_excluded |= member.next == Some(earliest);
            }
            if !is_excluded {
                return Some(earliest);
            }
        }
        None
    }
}
