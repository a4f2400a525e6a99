//! How many messages are under way to each host: one that answers slowly must not hold every place.
//!
//! A host gets no more places than are left to the others, and always a few. One that is slow holds half of all at most,
//! a second one half of the rest.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::AT_ONCE;

/// Messages to one host for which there is always a place.
const ALWAYS: usize = 4;

/// The hosts that messages are under way to.
#[derive(Debug, Default)]
pub(super) struct Receivers {
    under_way: Mutex<HashMap<String, usize>>,
}

/// A place among the messages to one host, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    receivers: Arc<Receivers>,
    host: String,
}

impl Receivers {
    /// A place, if the host has one free.
    pub(super) fn enter(self: &Arc<Self>, host: &str) -> Option<Place> {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let free = AT_ONCE.saturating_sub(under_way.values().sum());
        let count = under_way.entry(host.to_owned()).or_default();
        if *count >= free.max(ALWAYS) {
            return None;
        }
        *count += 1;
        Some(Place { receivers: Arc::clone(self), host: host.to_owned() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut under_way = self.receivers.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = under_way.get_mut(&self.host) {
            *count -= 1;
            if *count == 0 {
                under_way.remove(&self.host);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Place, Receivers};

    fn fill(receivers: &Arc<Receivers>, host: &str) -> Vec<Place> {
        std::iter::from_fn(|| receivers.enter(host)).collect()
    }

    #[test]
    fn each_host_leaves_places_to_the_others() {
        let receivers = Arc::new(Receivers::default());
        let mut places: Vec<_> =
            ["a", "b", "c", "d"].map(|host| fill(&receivers, host)).into_iter().collect();
        assert_eq!(places.iter().map(Vec::len).collect::<Vec<_>>(), [16, 8, 4, 4]);
        assert!(receivers.enter("a").is_none());
        places[0].truncate(3);
        assert_eq!(fill(&receivers, "a").len(), 5, "there is room again");
        places.clear();
        assert!(receivers.under_way.lock().expect("nobody panicked").is_empty());
    }
}
