//! `sluice concurrency-limit`

mod create;
mod delete;
mod inspect;
mod ls;
mod reset;

use clap::{ArgMatches, Command, Subcommand};
use sluice_wire::concurrency_limits::ConcurrencyLimit;

use crate::exit::Failure;
use crate::lookup;
use crate::session::{self, Session};

#[derive(Subcommand)]
enum Verbs {
    Ls(ls::Ls),
    Inspect(inspect::Inspect),
    Create(create::Create),
    Delete(delete::Delete),
    Reset(reset::Reset),
}

pub(super) fn command() -> Command {
    session::group::<Verbs>("concurrency-limit", "Manage the limits of how many task runs with a tag may run")
        .alias("concurrency-limits")
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    session::run(matches, async |verb: Verbs, session| match verb {
        Verbs::Ls(ls) => ls.run(session).await,
        Verbs::Inspect(inspect) => inspect.run(session).await,
        Verbs::Create(create) => create.run(session).await,
        Verbs::Delete(delete) => delete.run(session).await,
        Verbs::Reset(reset) => reset.run(session).await,
    })
}

/// The limit of this tag; an error that says what was perhaps meant.
async fn find(session: &Session, tag: &str) -> Result<ConcurrencyLimit, Failure> {
    if let Some(limit) = session.client.tag_limit(tag).await? {
        return Ok(limit);
    }
    let tags: Vec<String> =
        session.client.tag_limits(1000).await?.into_iter().map(|limit| limit.tag).collect();
    Err(lookup::missing("concurrency limit of tag", tag, &tags, "sluice concurrency-limit ls"))
}
