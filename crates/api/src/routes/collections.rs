//! `/collections`
