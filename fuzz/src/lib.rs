//! Throws bad input at everything that reads what clients write: `make fuzz`. A target takes one text and must come
//! back: no panic, no endless work, no memory without bound. What breaks it is kept in `regressions/`, and every test
//! run reads these files again.

pub mod campaign;
pub mod mutate;
pub mod regressions;
pub mod targets;
