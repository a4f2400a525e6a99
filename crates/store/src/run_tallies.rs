//! How many runs of each state there are in each period of time, counted beforehand: dashboards ask for millions of
//! runs and must not count them each time.
//!
//! **What must hold.** A period is an hour, or a piece of one that has very many runs. Runs stand in it by two times:
//! when they are expected to start, and when they started. For each period with at least one run there is a row of
//! `run_tally` or of `run_tally_change`; a period with neither is empty. The counts of a `run_tally` row are right
//! unless they are null or a `run_tally_change` row stands beside it in the same snapshot.
//!
//! **Writers** note in the transaction of their change, by triggers, that the period changed: one look-up when that is
//! noted already, and never a lock, so that no writer waits for another.
//!
//! **The builder** ([`take_changed`], [`measure`], [`keep`]) first takes the note away and the counts with it, and
//! commits. A transaction that was under way then may have seen the note and left it at that, so the builder waits until
//! all of those have ended ([`horizon`], [`has_passed`]). Whoever comes later notes the change anew. Then it counts, and
//! stores: what changed meanwhile has its note.
//!
//! **Readers** add up the whole periods that are counted, and count the rest, on one snapshot.

mod asked;
mod bounds;
mod build;
mod count;
mod entry;
mod periods;
mod pieces;
mod read;
mod select;

pub use build::{
    Counts, Measured, Period, has_passed, horizon, is_any_uncounted, keep, measure, take_changed, uncounted,
};

pub(crate) use asked::{Asked, recognise};
pub(crate) use bounds::{First, Place, bounds};
pub(crate) use count::{by_state_type, completed_and_failed, count, lateness};
pub(crate) use entry::Counted;
pub(crate) use pieces::Pieces;
pub(crate) use read::{Grid, Question, read};

use crate::Sql;
use crate::run_history::RunKind;

/// A period with more runs is divided.
pub const MOST_RUNS: i64 = 2_000;

/// The lengths of periods, in seconds. Each is also the length of the parts that the one before it has.
const LENGTHS: [i64; 5] = [3_600, 300, 30, 3, 1];

/// Where the period of the runs without a time begins, which has no length.
const NO_TIME: i64 = -3_600_000_000_000;

const SECOND_MICROS: i64 = 1_000_000;

/// How long the parts of a period are, in seconds; `None` when it has none.
fn part_length(length: i64) -> Option<i64> {
    LENGTHS.windows(2).find(|pair| pair[0] == length).map(|pair| pair[1])
}

/// By which time a run belongs to a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Basis {
    /// When it is expected to start.
    Expected,
    /// When it started. A flow run that did not: when it is expected to.
    Start,
}

impl Basis {
    fn other(self) -> Self {
        match self {
            Self::Expected => Self::Start,
            Self::Start => Self::Expected,
        }
    }

    pub(crate) fn expression(self, kind: RunKind) -> &'static str {
        match (self, kind) {
            (Self::Expected, RunKind::FlowRuns) => "flow_run.expected_start_time",
            (Self::Expected, RunKind::TaskRuns) => "task_run.expected_start_time",
            (Self::Start, RunKind::FlowRuns) => "COALESCE(flow_run.start_time, flow_run.expected_start_time)",
            (Self::Start, RunKind::TaskRuns) => "task_run.start_time",
        }
    }

    fn push(self, sql: &mut Sql, kind: RunKind) {
        sql.push(self.expression(kind));
    }
}
