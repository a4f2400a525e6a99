//! Concurrency limits. The arithmetic of slots is `sluice_orchestration::slots`; here rows are locked, read and
//! written. Rows are always locked in the order of their ids, so that two transactions never wait for each other.

mod announce;
mod counters;
mod create;
mod delete;
mod read;
mod row;
mod update;

pub use counters::write_counters;
pub use create::create;
pub use delete::delete;
pub use read::{Key, by_names_for_update, filter, of_prefix, read, read_for_update};
pub use row::LimitRow;
pub use update::update;
