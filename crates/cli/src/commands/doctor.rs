//! `sluice doctor`: looks at everything that has to be right before flows run, and says what to do about what is not.

mod clouds;
mod docker;
mod python;
mod server;

use clap::{ArgMatches, Command};
use serde::Serialize;

use crate::exit::Failure;
use crate::output::{self, Cell, Table};
use crate::session::{self, Printer};

/// How something that was looked at is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Health {
    /// As it should be.
    Ok,
    /// Not there; whoever does not need it need not care.
    Absent,
    /// Something to look at.
    Warning,
    /// Nothing works without it.
    Failed,
}

/// What was looked at, what was found, and what to do.
#[derive(Debug, Serialize)]
struct Check {
    check: &'static str,
    health: Health,
    found: String,
    advice: Option<String>,
}

impl Check {
    fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, health: Health::Ok, found: found.into(), advice: None }
    }

    fn other(
        check: &'static str,
        health: Health,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { check, health, found: found.into(), advice: Some(advice.into()) }
    }
}

pub(super) fn command() -> Command {
    session::arguments(Command::new("doctor"))
        .about("Look at what has to be right before flows run, and say what to do")
        .after_help("Looks at the server, its version, its database, its streams and its clock; at Python and Prefect, Docker, and the credentials for clouds. Ends with 1 when something failed.")
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let printer = Printer::new(matches);
    let client = session::client(matches)?.with_retries(0);
    session::block_on(async {
        let mut checks = server::checks(&client).await;
        checks.push(python::check().await);
        checks.push(docker::check().await);
        checks.extend(clouds::checks(|name| std::env::var(name).ok().filter(|value| !value.is_empty())));
        print(&printer, &checks)?;
        match checks.iter().filter(|check| check.health == Health::Failed).count() {
            0 => Ok(()),
            1 => Err(Failure::new("1 check failed")),
            failed => Err(Failure::new(format!("{failed} checks failed"))),
        }
    })
}

fn print(printer: &Printer, checks: &[Check]) -> Result<(), Failure> {
    if printer.is_json() {
        return output::print_json(&checks);
    }
    let rows = checks.iter().map(|check| {
        let health = match check.health {
            Health::Ok => Cell::status("ok", true),
            Health::Absent => Cell::exact("-"),
            Health::Warning => Cell::status("look", false),
            Health::Failed => Cell::failed("FAILED"),
        };
        vec![health, Cell::exact(check.check), Cell::text(&check.found)]
    });
    let mut text = Table::new(&["", "CHECK", "FOUND"], rows).render(printer.width);
    let advices: Vec<&Check> = checks.iter().filter(|check| check.advice.is_some()).collect();
    if !advices.is_empty() {
        text.push_str("\nWhat to do:\n");
    }
    for check in advices {
        text.push_str(&format!("- {}: {}\n", check.check, check.advice.as_deref().unwrap_or_default()));
    }
    output::print(&text)
}
