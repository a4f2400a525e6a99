//! Events: stored once each, read by filter, counted, deleted when they are old.

mod arrivals;
mod committed_by_others;
mod count;
mod count_by;
mod criteria;
mod delete_expired;
mod drain_outbox;
mod insert;
mod read;

pub use arrivals::{Arrival, Arrivals, arrivals, latest_arrival, latest_named, positions, read_by_ids};
pub use committed_by_others::committed_by_others;
pub use count::count;
pub use count_by::count_by;
pub use delete_expired::delete_expired;
pub use drain_outbox::drain_outbox;
pub use insert::{NewEvent, insert};
pub use read::{EventPage, StoredEvent, read};

/// The columns of [`StoredEvent`], in its order.
const COLUMNS: &str = "event.occurred, event.event, event.resource, event.related, event.payload, event.id, \
                       event.follows, event.received";
