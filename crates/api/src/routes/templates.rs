//! `/templates`

mod validate;

pub use validate::validate;
