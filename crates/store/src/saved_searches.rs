//! Saved searches of the user interface.

mod delete;
mod list;
mod read;
mod save;

pub use delete::delete;
pub use list::list;
pub use read::read;
pub use save::save;

use sluice_wire::saved_searches::SavedSearch;

use crate::{Json, Result, Row};

fn from_row(row: Row) -> Result<SavedSearch> {
    let mut columns = row.columns();
    Ok(SavedSearch {
        id: columns.take()?,
        created: columns.take()?,
        updated: columns.take()?,
        name: columns.take()?,
        filters: columns.take::<Json<_>>()?.0,
    })
}
