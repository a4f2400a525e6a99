//! `/variables`
