//! `/variables`

mod count;
mod create;
mod delete;
mod delete_by_name;
mod filter;
mod read;
mod read_by_name;
mod update;
mod update_by_name;

pub use count::count;
pub use create::create;
pub use delete::delete;
pub use delete_by_name::delete_by_name;
pub use filter::filter;
pub use read::read;
pub use read_by_name::read_by_name;
pub use update::update;
pub use update_by_name::update_by_name;
