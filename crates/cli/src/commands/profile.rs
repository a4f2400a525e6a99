//! `sluice profile`

mod create;
mod delete;
mod inspect;
mod ls;
mod rename;
mod r#use;

use clap::{ArgMatches, Command, Subcommand};

use crate::exit::Failure;
use crate::session::{self, Printer};

#[derive(Subcommand)]
enum Verbs {
    Ls(ls::Ls),
    Inspect(inspect::Inspect),
    Use(r#use::Use),
    Create(create::Create),
    Rename(rename::Rename),
    Delete(delete::Delete),
}

pub(super) fn command() -> Command {
    session::group::<Verbs>("profile", "Manage the profiles that say which server is meant").alias("profiles")
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let printer = Printer::new(matches);
    match session::verb::<Verbs>(matches)? {
        Verbs::Ls(ls) => ls.run(&printer),
        Verbs::Inspect(inspect) => inspect.run(&printer),
        Verbs::Use(r#use) => r#use.run(&printer),
        Verbs::Create(create) => create.run(&printer),
        Verbs::Rename(rename) => rename.run(&printer),
        Verbs::Delete(delete) => delete.run(&printer),
    }
}
