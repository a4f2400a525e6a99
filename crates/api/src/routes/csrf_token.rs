//! `/csrf-token`

mod create;

pub use create::create;
