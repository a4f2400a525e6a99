//! `sluice config set`

use clap::Args;
use serde_json::{Map, Value};

use crate::exit::Failure;
use crate::profiles::ProfilesFile;
use crate::session::Printer;

/// Change settings of the profile in use
#[derive(Args)]
pub(super) struct Set {
    /// Settings by the names of Prefect's variables, such as PREFECT_API_URL=http://127.0.0.1:4200/api
    #[arg(value_name = "SETTING=VALUE", required = true)]
    settings: Vec<String>,
}

impl Set {
    pub(super) fn run(self, printer: &Printer, profile: Option<&str>) -> Result<(), Failure> {
        let mut settings = Vec::new();
        for text in &self.settings {
            match text.split_once('=') {
                Some((name, value)) if is_setting(name) => settings.push((name.to_owned(), value.to_owned())),
                Some((name, _)) => {
                    return Err(Failure::usage(format!(
                        "{name:?} is no setting; settings begin with PREFECT_"
                    )));
                }
                None => return Err(Failure::usage(format!("{text:?} is not of the form SETTING=VALUE"))),
            }
        }
        let mut file = ProfilesFile::read()?;
        let name = file.set(profile, &settings)?;
        file.write()?;
        for (setting, _) in settings.iter().filter(|(setting, _)| std::env::var_os(setting).is_some()) {
            eprintln!("{setting} is set in the environment too, which goes before the profile.");
        }
        let names: Vec<&str> = settings.iter().map(|(setting, _)| setting.as_str()).collect();
        let sentence = format!("Set {} in profile '{name}'.", names.join(", "));
        let object: Map<String, Value> =
            settings.iter().map(|(setting, value)| (setting.clone(), value.clone().into())).collect();
        printer.done(&object, &sentence)
    }
}

fn is_setting(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    name.starts_with("PREFECT_") && name.bytes().all(is_plain)
}
