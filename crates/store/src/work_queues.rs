//! Work queues: the order in which a pool's runs are taken.

pub(crate) mod announce;
mod create;
mod delete;
mod ensure;
mod late_runs;
mod polled;
mod priorities;
mod read;
mod row;
mod slot_holders;
mod update;

pub use create::create;
pub(crate) use create::insert;
pub use delete::{Deletion, delete};
pub use ensure::{ensure_in_default_pool, ensure_in_pool};
pub use late_runs::late_runs;
pub use polled::{mark_not_ready, mark_polled, needs_mark, not_polled_since};
pub use read::{count_of_pool, filter, of_pool, read, read_by_name, read_without_pool};
pub use slot_holders::{SlotStates, count_slot_holders, slot_holders};
pub use update::update;
