//! `/csrf_token`
