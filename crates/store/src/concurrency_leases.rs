//! Leases on the slots of concurrency limits. A lease is a row: a restart leaks no slot, and a lease that was not
//! renewed in time gives its slots back.

mod create;
mod expired;
mod holders;
mod read;
mod release;
mod renew;

pub use create::{NewLease, create};
pub(crate) use expired::delete_without_limits;
pub use expired::expired;
pub use holders::{holders, release_all};
pub use read::{Lease, read};
pub use release::release;
pub use renew::renew;
