//! Deployment schedules.
