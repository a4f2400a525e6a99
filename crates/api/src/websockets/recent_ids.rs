//! Remembers what was sent lately, so that nothing is sent twice.

use std::collections::{HashSet, VecDeque};

use sluice_wire::ids::EventId;

/// How many ids are remembered.
const CAPACITY: usize = 128 << 10;

/// The latest ids.
#[derive(Debug, Default)]
pub(crate) struct RecentIds {
    known: HashSet<EventId>,
    in_order: VecDeque<EventId>,
}

impl RecentIds {
    /// Remembers the id; returns whether it was not known.
    pub(crate) fn insert(&mut self, id: EventId) -> bool {
        let is_new = self.known.insert(id);
        if is_new {
            self.in_order.push_back(id);
            if self.in_order.len() > CAPACITY
                && let Some(oldest) = self.in_order.pop_front()
            {
                self.known.remove(&oldest);
            }
        }
        is_new
    }
}
