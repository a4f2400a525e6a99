//! `/flows`

mod bulk_delete;
mod count;
mod create;
mod delete;
mod filter;
mod paginate;
mod read;
mod read_by_name;
mod update;

pub use bulk_delete::bulk_delete;
pub use count::count;
pub use create::create;
pub use delete::delete;
pub use filter::filter;
pub use paginate::paginate;
pub use read::read;
pub use read_by_name::read_by_name;
pub use update::update;
