//! `sluice block type`

mod delete;
mod inspect;
mod ls;

use clap::Subcommand;
use serde_json::json;
use sluice_wire::blocks::BlockType;

use crate::exit::Failure;
use crate::lookup;
use crate::session::Session;

/// Look at the types of blocks and delete them
#[derive(Subcommand)]
pub(super) enum Verbs {
    Ls(ls::Ls),
    Inspect(inspect::Inspect),
    Delete(delete::Delete),
}

pub(super) async fn run(verb: Verbs, session: &Session) -> Result<(), Failure> {
    match verb {
        Verbs::Ls(ls) => ls.run(session).await,
        Verbs::Inspect(inspect) => inspect.run(session).await,
        Verbs::Delete(delete) => delete.run(session).await,
    }
}

/// The type with this slug; an error that says what was perhaps meant.
async fn find(session: &Session, slug: &str) -> Result<BlockType, Failure> {
    if let Some(found) = session.client.block_type(slug).await? {
        return Ok(found);
    }
    let all = session.client.block_types(&json!({}), 1000).await?;
    let slugs: Vec<String> = all.into_iter().map(|block_type| block_type.slug).collect();
    Err(lookup::missing("block type", slug, &slugs, "sluice block type ls"))
}
