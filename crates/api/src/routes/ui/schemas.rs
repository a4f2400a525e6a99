//! Schemas of forms.

mod validate;

pub use validate::validate;
