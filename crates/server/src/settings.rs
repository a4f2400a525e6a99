//! Settings: one table says each setting's name, environment variables, default and meaning. A value is taken
//! from the command line, else from the environment (`SLUICE_...`, then the accepted `PREFECT_...` name), else
//! from the TOML file, else it is the default.

mod load;
mod table;

pub use load::{Settings, SettingsError, Source};
pub use table::{Kind, SETTINGS, Setting};
