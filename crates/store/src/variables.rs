//! Variables: named JSON values.

mod create;
mod delete;
mod event;
mod filter;
mod read;
mod read_values;
mod update;

pub use create::create;
pub use delete::delete;
pub use filter::{count, filter};
pub use read::{read, read_by_name};
pub use read_values::read_values;
pub use update::update;

use sluice_wire::json::RawJson;
use sluice_wire::variables::Variable;

use crate::{Result, Row};

/// The columns of [`from_row`], in its order.
const COLUMNS: &str =
    "variable.id, variable.created, variable.updated, variable.name, variable.value, variable.tags";

fn from_row(row: Row) -> Result<Variable> {
    let mut columns = row.columns();
    Ok(Variable {
        id: columns.take()?,
        created: columns.take()?,
        updated: columns.take()?,
        name: columns.take()?,
        value: columns.take::<Option<RawJson>>()?.unwrap_or_default(),
        tags: columns.take()?,
    })
}
