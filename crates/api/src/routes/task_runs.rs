//! `/task_runs`

mod count;
mod create;
mod delete;
mod filter;
mod history;
mod paginate;
mod read;
mod set_state;
mod update;

pub use count::count;
pub use create::create;
pub use delete::delete;
pub use filter::filter;
pub use history::history;
pub use paginate::paginate;
pub use read::read;
pub use set_state::set_state;
pub use update::update;
