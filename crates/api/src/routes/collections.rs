//! `/collections`: what clients look up about integrations.

mod read_view;

pub use read_view::read_view;
