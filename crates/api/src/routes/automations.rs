//! `/automations`

mod checks;
mod count;
mod create;
mod delete;
mod delete_owned_by;
mod filter;
mod read;
mod related_to;
pub mod templates;
mod update;
mod update_enabled;

pub use count::count;
pub use create::create;
pub use delete::delete;
pub use delete_owned_by::delete_owned_by;
pub use filter::filter;
pub use read::read;
pub use related_to::related_to;
pub use update::update;
pub use update_enabled::update_enabled;

use crate::ApiError;

fn no_such_automation() -> ApiError {
    ApiError::object_not_found("Automation not found")
}
