//! Services against a database, with a clock that the test moves.

mod foreman;
mod repossessor;
mod support;
