//! `sluice work-pool`

mod clear_concurrency_limit;
mod create;
mod delete;
mod get_default_base_job_template;
mod inspect;
mod ls;
mod pause;
mod preview;
mod resume;
mod set_concurrency_limit;
mod slots;
mod storage;
mod update;

use std::path::Path;

use clap::{ArgMatches, Command, Subcommand};
use serde_json::{Value, json};
use sluice_wire::work_pools::WorkPool;

use crate::exit::Failure;
use crate::lookup;
use crate::session::{self, Session};

#[derive(Subcommand)]
enum Verbs {
    Ls(ls::Ls),
    Inspect(inspect::Inspect),
    Create(create::Create),
    Update(update::Update),
    Pause(pause::Pause),
    Resume(resume::Resume),
    Delete(delete::Delete),
    Preview(preview::Preview),
    Slots(slots::Slots),
    GetDefaultBaseJobTemplate(get_default_base_job_template::GetDefaultBaseJobTemplate),
    SetConcurrencyLimit(set_concurrency_limit::SetConcurrencyLimit),
    ClearConcurrencyLimit(clear_concurrency_limit::ClearConcurrencyLimit),
    #[command(subcommand)]
    Storage(storage::Verbs),
}

pub(super) fn command() -> Command {
    session::group::<Verbs>("work-pool", "Manage work pools").alias("work-pools")
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    session::run(matches, async |verb: Verbs, session| match verb {
        Verbs::Ls(ls) => ls.run(session).await,
        Verbs::Inspect(inspect) => inspect.run(session).await,
        Verbs::Create(create) => create.run(session).await,
        Verbs::Update(update) => update.run(session).await,
        Verbs::Pause(pause) => pause.run(session).await,
        Verbs::Resume(resume) => resume.run(session).await,
        Verbs::Delete(delete) => delete.run(session).await,
        Verbs::Preview(preview) => preview.run(session).await,
        Verbs::Slots(slots) => slots.run(session).await,
        Verbs::GetDefaultBaseJobTemplate(get_default_base_job_template) => {
            get_default_base_job_template.run(session).await
        }
        Verbs::SetConcurrencyLimit(set_concurrency_limit) => set_concurrency_limit.run(session).await,
        Verbs::ClearConcurrencyLimit(clear_concurrency_limit) => clear_concurrency_limit.run(session).await,
        Verbs::Storage(verb) => storage::run(verb, session).await,
    })
}

/// The pool with this name; an error that says what was perhaps meant.
pub(super) async fn find(session: &Session, name: &str) -> Result<WorkPool, Failure> {
    if let Some(pool) = session.client.work_pool(name).await? {
        return Ok(pool);
    }
    let names: Vec<String> =
        session.client.work_pools(&json!({}), 1000).await?.into_iter().map(|pool| pool.name).collect();
    Err(lookup::missing("work pool", name, &names, "sluice work-pool ls"))
}

/// Changes a pool, and says what has become of it.
async fn change(session: &Session, name: &str, body: &Value, sentence: &str) -> Result<(), Failure> {
    find(session, name).await?;
    session.client.update_work_pool(name, body).await?;
    session.printer.done(&find(session, name).await?, sentence)
}

/// Reads a base job template.
fn template(path: &Path) -> Result<Value, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))?;
    serde_json::from_str(&text)
        .map_err(|error| Failure::usage(format!("{} is no JSON: {error}", path.display())))
}

/// The types of pools that the server knows.
async fn types(session: &Session) -> Result<Vec<String>, Failure> {
    let metadata = session.client.worker_metadata().await?;
    let collections = metadata.as_object().into_iter().flat_map(|collections| collections.values());
    let types = collections.filter_map(Value::as_object).flat_map(|types| types.keys().cloned());
    Ok(types.collect())
}
