//! `/automations/templates`: an older path of `/templates`, which the web interface of the reference uses.

pub use crate::routes::templates::validate;
