//! The WebSocket routes, one file each.
