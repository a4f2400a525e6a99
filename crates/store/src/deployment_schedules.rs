//! Schedules of deployments, and the runs that they make.
//!
//! A schedule carries a watermark, `scheduled_through`: every date up to it has its run. `next_scheduling_at` says
//! when the scheduler has to look at it again; null means never (inactive, paused, or out of dates).

mod create;
mod delete;
mod due;
mod insert_runs;
mod read;
mod start_over;
mod update;

pub use create::create;
pub use delete::{delete, delete_all};
pub use due::{Due, commit_plan, due, next_due};
pub use insert_runs::insert_runs;
pub use read::read_all;
pub use start_over::start_over;
pub use update::{Which, clear_slugs, find_by_slug, update};

use sluice_wire::deployments::DeploymentSchedule;

use crate::{Json, Result, Row};

/// The columns of [`from_row`], in its order.
pub(crate) const COLUMNS: &str = "id, created, updated, deployment_id, schedule, active, max_scheduled_runs, \
                                  parameters, slug";

pub(crate) fn from_row(row: Row) -> Result<DeploymentSchedule> {
    let mut columns = row.columns();
    Ok(DeploymentSchedule {
        id: columns.take()?,
        created: columns.take()?,
        updated: columns.take()?,
        deployment_id: columns.take()?,
        schedule: columns.take::<Json<_>>()?.0,
        active: columns.take()?,
        max_scheduled_runs: columns.take()?,
        parameters: columns.take()?,
        slug: columns.take()?,
    })
}
