//! Service leases.
