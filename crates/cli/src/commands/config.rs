//! `sluice config`

mod set;
mod unset;
mod view;

use clap::{ArgMatches, Command, Subcommand};

use crate::exit::Failure;
use crate::session::{self, Printer};

#[derive(Subcommand)]
enum Verbs {
    View(view::View),
    Set(set::Set),
    Unset(unset::Unset),
}

pub(super) fn command() -> Command {
    session::group::<Verbs>("config", "Look at the settings of a profile and change them")
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let printer = Printer::new(matches);
    let profile = matches.get_one::<String>("profile").map(String::as_str);
    match session::verb::<Verbs>(matches)? {
        Verbs::View(view) => view.run(&printer, profile),
        Verbs::Set(set) => set.run(&printer, profile),
        Verbs::Unset(unset) => unset.run(&printer, profile),
    }
}
