//! Task runs, by request of a client and as clients report them in events.

mod record;

pub use record::record;
