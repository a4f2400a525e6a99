//! Background task runs that wait for a task worker: shared by all replicas, kept across restarts.

mod acknowledge;
mod hold;
mod push;
mod release;
mod reserve;

pub use acknowledge::acknowledge;
pub use hold::hold;
pub use push::push;
pub use release::release;
pub use reserve::{is_waiting, reserve};
