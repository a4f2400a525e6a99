//! Concurrency leases.
