//! `/ui`: what the user interface asks for in one call.

pub mod flows;
pub mod schemas;
