//! Work pools.
