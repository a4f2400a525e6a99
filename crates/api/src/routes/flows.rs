//! `/flows`

mod create;
mod delete;
mod read;
mod read_by_name;
mod update;

pub use create::create;
pub use delete::delete;
pub use read::read;
pub use read_by_name::read_by_name;
pub use update::update;
