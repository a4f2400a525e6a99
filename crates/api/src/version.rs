//! What this server says it is.

/// The version of the reference whose behaviour is served; clients refuse another major version.
pub(crate) const REFERENCE_VERSION: &str = "3.8.8";
/// The version of the REST API, compared with the `X-PREFECT-API-VERSION` header.
pub(crate) const API_VERSION: &str = "0.8.4";
/// Requests that name an older version are refused.
pub(crate) const MINIMUM_API_VERSION: (u64, u64, u64) = (0, 8, 0);
