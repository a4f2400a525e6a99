//! Automations, what their triggers know, and what is to be done because they fired.

pub mod actions;
pub mod buckets;
pub mod child_firings;
mod create;
mod delete;
mod event;
mod filter;
pub mod followers;
mod read;
mod related;
pub mod schedule;
mod update;
mod version;

pub use create::create;
pub use delete::{delete, delete_owned_by};
pub use filter::{count, filter};
pub use read::{read, read_enabled};
pub use related::{relate_to_owner, related_to};
pub use update::{set_enabled, update};
pub use version::{hold_version, version};

use serde::Serialize;
use sluice_wire::automations::{Automation, AutomationCore};

use crate::{Json, Result, Row, StoreError};

/// The columns of [`from_row`], in its order.
const COLUMNS: &str = "automation.id, automation.created, automation.updated, automation.name, \
                       automation.description, automation.enabled, automation.tags, automation.trigger_definition, \
                       automation.actions, automation.actions_on_trigger, automation.actions_on_resolve";

fn from_row(row: Row) -> Result<Automation> {
    let mut columns = row.columns();
    Ok(Automation {
        id: columns.take()?,
        created: columns.take()?,
        updated: columns.take()?,
        core: AutomationCore {
            name: columns.take()?,
            description: columns.take()?,
            enabled: columns.take()?,
            tags: columns.take()?,
            trigger: columns.take().map(|Json(trigger)| trigger)?,
            actions: columns.take().map(|Json(actions)| actions)?,
            actions_on_trigger: columns.take().map(|Json(actions)| actions)?,
            actions_on_resolve: columns.take().map(|Json(actions)| actions)?,
        },
    })
}

/// JSON for a column of type text, whose keys stay in their order on both databases.
fn text<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Internal(error.to_string()))
}
