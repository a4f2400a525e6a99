//! `sluice profile ls`

use clap::Args;
use serde_json::{Value, json};

use crate::exit::Failure;
use crate::output::Cell;
use crate::profiles::ProfilesFile;
use crate::session::Printer;

/// List the profiles; the one in use is marked
#[derive(Args)]
pub(super) struct Ls {}

impl Ls {
    pub(super) fn run(self, printer: &Printer) -> Result<(), Failure> {
        let file = ProfilesFile::read()?;
        let in_use = file.in_use();
        let mut profiles = Vec::new();
        for name in file.names() {
            let settings = file.settings(&name)?;
            let server =
                settings.into_iter().find(|(setting, _)| setting == "PREFECT_API_URL").map(|(_, url)| url);
            profiles
                .push(json!({ "name": name, "active": in_use.as_ref() == Some(&name), "server": server }));
        }
        printer.list("profiles", &profiles, &["IN USE", "NAME", "SERVER"], |profile| {
            vec![
                Cell::exact(if profile["active"] == true { "*" } else { "" }),
                Cell::text(profile["name"].as_str().unwrap_or_default()),
                Cell::optional(profile.get("server").and_then(Value::as_str)),
            ]
        })
    }
}
