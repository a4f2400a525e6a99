//! `/admin`

mod settings;
mod storage;
mod version;

pub use settings::settings;
pub use storage::{clear_storage, read_storage, update_storage};
pub use version::version;
