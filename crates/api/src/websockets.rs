//! The WebSocket routes, one file each.

pub(crate) mod handshake;
