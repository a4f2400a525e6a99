//! Worker channel.
