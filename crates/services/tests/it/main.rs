//! Services against a database, with a clock that the test moves.

mod event_retention;
mod foreman;
mod repossessor;
mod run_retention;
mod support;
