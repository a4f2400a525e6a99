//! `sluice block`

mod delete;
mod inspect;
mod ls;
mod types;

use clap::{ArgMatches, Args, Command, Subcommand};
use serde_json::json;
use sluice_wire::blocks::BlockDocument;

use crate::exit::Failure;
use crate::lookup::{self, Named};
use crate::session::{self, Session};

#[derive(Subcommand)]
enum Verbs {
    Ls(ls::Ls),
    Inspect(inspect::Inspect),
    Delete(delete::Delete),
    #[command(subcommand, name = "type", visible_alias = "types")]
    Types(types::Verbs),
}

pub(super) fn command() -> Command {
    session::group::<Verbs>("block", "Look at blocks and their types, and delete them").alias("blocks")
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    session::run(matches, async |verb: Verbs, session| match verb {
        Verbs::Ls(ls) => ls.run(session).await,
        Verbs::Inspect(inspect) => inspect.run(session).await,
        Verbs::Delete(delete) => delete.run(session).await,
        Verbs::Types(verb) => types::run(verb, session).await,
    })
}

/// Which block is meant.
#[derive(Args)]
struct BlockName {
    /// TYPE/NAME, or its id
    #[arg(value_name = "BLOCK", required_unless_present = "id")]
    slug: Option<String>,
    /// Its id
    #[arg(long, value_name = "ID", conflicts_with = "slug", hide = true)]
    id: Option<String>,
}

impl BlockName {
    /// The block that is meant, its secrets hidden; an error that says what was perhaps meant.
    async fn find(&self, session: &Session) -> Result<BlockDocument, Failure> {
        let text = self.slug.as_deref().or(self.id.as_deref()).unwrap_or_default();
        let client = &session.client;
        let found = match (Named::parse(text), text.split_once('/')) {
            (_, Some((slug, name))) => client.block_document(slug, name, false).await?,
            (Named::Id(id), _) => match client.block_document_by_id(id.into(), false).await {
                Ok(block) => Some(block),
                Err(error) if error.is_not_found() => None,
                Err(error) => return Err(error.into()),
            },
            _ => None,
        };
        if let Some(found) = found {
            return Ok(found);
        }
        let all = client.block_documents(&json!({}), 1000).await?;
        let names: Vec<String> = all.iter().map(full_name).collect();
        Err(lookup::missing("block", text, &names, "sluice block ls"))
    }
}

/// `type/name`
fn full_name(block: &BlockDocument) -> String {
    let slug = block.block_type.as_ref().map_or("?", |block_type| block_type.slug.as_str());
    format!("{slug}/{}", block.name.as_deref().unwrap_or("(without a name)"))
}
