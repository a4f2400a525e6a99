//! Block types: what kinds of blocks there are.

mod create;
mod delete;
mod event;
mod filter;
mod read;
mod register_system;
mod update;

pub use create::create;
pub use delete::delete;
pub use filter::filter;
pub use read::{read, read_by_slug};
pub(crate) use register_system::forget_registration;
pub use register_system::{install_protected, is_system_registered, register_system};
pub use update::update;

use sluice_wire::blocks::BlockType;

use crate::{Columns, Result};

/// The columns of [`from_columns`], in its order.
pub(crate) const COLUMNS: &str = "block_type.id, block_type.created, block_type.updated, block_type.name, \
    block_type.slug, block_type.logo_url, block_type.documentation_url, block_type.description, \
    block_type.code_example, block_type.is_protected";

pub(crate) fn from_columns(columns: &mut Columns) -> Result<BlockType> {
    Ok(BlockType {
        id: columns.take()?,
        created: columns.take()?,
        updated: columns.take()?,
        name: columns.take()?,
        slug: columns.take()?,
        logo_url: columns.take()?,
        documentation_url: columns.take()?,
        description: columns.take()?,
        code_example: columns.take()?,
        is_protected: columns.take()?,
    })
}
