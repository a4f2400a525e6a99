//! Flows: their names, tags and labels.

mod bulk_delete;
mod count_deployments;
mod create;
mod delete;
mod event;
mod filter;
mod next_runs;
mod read;
mod update;

pub use bulk_delete::bulk_delete;
pub use count_deployments::count_deployments;
pub use create::create;
pub use delete::delete;
pub use filter::{count, filter};
pub use next_runs::next_runs;
pub use read::{read, read_by_name};
pub use update::update;

use sluice_wire::flows::Flow;

use crate::{Result, Row};

/// The columns of [`from_row`], in its order.
pub(crate) const COLUMNS: &str = "flow.id, flow.created, flow.updated, flow.name, flow.tags, flow.labels";

pub(crate) fn from_row(row: Row) -> Result<Flow> {
    let mut columns = row.columns();
    Ok(Flow {
        id: columns.take()?,
        created: columns.take()?,
        updated: columns.take()?,
        name: columns.take()?,
        tags: columns.take()?,
        labels: columns.take()?,
    })
}
