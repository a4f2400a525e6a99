//! `sluice config view`

use std::collections::BTreeMap;

use clap::Args;
use serde_json::json;

use crate::exit::Failure;
use crate::output::{Cell, Table, print, print_json};
use crate::profiles::{ProfilesFile, is_secret};
use crate::session::Printer;

/// Show the settings that clients go by, and where each comes from
#[derive(Args)]
pub(super) struct View {
    /// Show secrets too
    #[arg(long)]
    show_secrets: bool,
    /// Do not say where each comes from
    #[arg(long)]
    hide_sources: bool,
}

impl View {
    pub(super) fn run(self, printer: &Printer, profile: Option<&str>) -> Result<(), Failure> {
        let file = ProfilesFile::read()?;
        let profile = profile.map(str::to_owned).or_else(|| file.in_use());
        let mut settings = BTreeMap::new();
        if let Some(name) = &profile {
            for (setting, value) in file.settings(name)? {
                settings.insert(setting, (value, format!("profile {name}")));
            }
        }
        // The environment goes before the profile.
        for (setting, value) in
            std::env::vars().filter(|(name, value)| is_of_clients(name) && !value.is_empty())
        {
            settings.insert(setting, (value, "environment".to_owned()));
        }
        let shown = |setting: &str, value: &str| {
            if is_secret(setting) && !self.show_secrets { "********".to_owned() } else { value.to_owned() }
        };
        if printer.is_json() {
            let settings: BTreeMap<_, _> = settings
                .iter()
                .map(|(setting, (value, source))| {
                    (setting, json!({ "value": shown(setting, value), "source": source }))
                })
                .collect();
            return print_json(&json!({ "profile": profile, "settings": settings }));
        }
        eprintln!("Profile: {}", profile.as_deref().unwrap_or("(none)"));
        if settings.is_empty() {
            eprintln!(
                "Nothing is set; `sluice config set PREFECT_API_URL=http://127.0.0.1:4200/api` sets the server."
            );
            return Ok(());
        }
        let titles: &[&str] =
            if self.hide_sources { &["SETTING", "VALUE"] } else { &["SETTING", "VALUE", "SOURCE"] };
        let rows = settings.iter().map(|(setting, (value, source))| {
            let mut row = vec![Cell::exact(setting), Cell::text(shown(setting, value))];
            if !self.hide_sources {
                row.push(Cell::text(source));
            }
            row
        });
        print(&Table::new(titles, rows).render(printer.width))
    }
}

/// Settings of servers are `sluice server settings`.
fn is_of_clients(name: &str) -> bool {
    ["SLUICE_API_URL", "SLUICE_API_KEY"].contains(&name)
        || (name.starts_with("PREFECT_") && !name.starts_with("PREFECT_SERVER_"))
}
