//! `/v2/concurrency_limits`

mod acquire;
mod create;
mod decrement;
mod decrement_with_lease;
mod delete;
mod filter;
mod increment;
mod increment_with_lease;
mod read;
mod renew_lease;
mod update;

pub use create::create;
pub use decrement::decrement;
pub use decrement_with_lease::decrement_with_lease;
pub use delete::delete;
pub use filter::filter;
pub use increment::increment;
pub use increment_with_lease::increment_with_lease;
pub use read::read;
pub use renew_lease::renew_lease;
pub use update::update;
