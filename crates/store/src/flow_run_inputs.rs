//! Flow run inputs.
