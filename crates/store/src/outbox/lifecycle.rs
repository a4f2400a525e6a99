use std::fmt::Display;

use sluice_wire::events::{Event, Labels, RESOURCE_ID, RESOURCE_NAME};
use sluice_wire::json::RawJson;
use sluice_wire::time::Timestamp;

/// The event that an object of `kind` (as in `variable`) was `created`, `updated` or `deleted`.
pub fn lifecycle_event(
    now: Timestamp,
    kind: &str,
    action: &str,
    id: impl Display,
    name: &str,
    payload: RawJson,
) -> Event {
    let resource = Labels::from([
        (RESOURCE_ID.to_owned(), format!("prefect.{kind}.{id}")),
        (RESOURCE_NAME.to_owned(), name.to_owned()),
    ]);
    let mut event = Event::new(now, format!("prefect.{kind}.{action}"), resource);
    event.payload = payload;
    event
}
