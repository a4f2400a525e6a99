//! How results are printed.

mod table;

pub(crate) use table::table;
