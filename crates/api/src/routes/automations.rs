//! `/automations`
