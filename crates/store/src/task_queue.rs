//! Task queue.
