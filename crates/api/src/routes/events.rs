//! `/events`
