//! `sluice work-queue`

mod clear_concurrency_limit;
mod create;
mod delete;
mod inspect;
mod ls;
mod pause;
mod preview;
mod resume;
mod set_concurrency_limit;
mod slots;

use clap::{ArgMatches, Args, Command, Subcommand};
use serde_json::{Value, json};
use sluice_wire::work_queues::WorkQueue;

use super::work_pool;
use crate::exit::Failure;
use crate::lookup;
use crate::session::{self, Session};

#[derive(Subcommand)]
enum Verbs {
    Ls(ls::Ls),
    Inspect(inspect::Inspect),
    Create(create::Create),
    Pause(pause::Pause),
    Resume(resume::Resume),
    Delete(delete::Delete),
    SetConcurrencyLimit(set_concurrency_limit::SetConcurrencyLimit),
    ClearConcurrencyLimit(clear_concurrency_limit::ClearConcurrencyLimit),
    Preview(preview::Preview),
    Slots(slots::Slots),
}

pub(super) fn command() -> Command {
    session::group::<Verbs>("work-queue", "Manage the queues of work pools").alias("work-queues")
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    session::run(matches, async |verb: Verbs, session| match verb {
        Verbs::Ls(ls) => ls.run(session).await,
        Verbs::Inspect(inspect) => inspect.run(session).await,
        Verbs::Create(create) => create.run(session).await,
        Verbs::Pause(pause) => pause.run(session).await,
        Verbs::Resume(resume) => resume.run(session).await,
        Verbs::Delete(delete) => delete.run(session).await,
        Verbs::SetConcurrencyLimit(set_concurrency_limit) => set_concurrency_limit.run(session).await,
        Verbs::ClearConcurrencyLimit(clear_concurrency_limit) => clear_concurrency_limit.run(session).await,
        Verbs::Preview(preview) => preview.run(session).await,
        Verbs::Slots(slots) => slots.run(session).await,
    })
}

/// Which queue is meant.
#[derive(Args)]
struct QueueName {
    /// Its name, or its id
    #[arg(value_name = "QUEUE")]
    name: String,
    /// The work pool that the queue is of
    #[arg(long, short = 'p', value_name = "POOL")]
    pool: Option<String>,
}

/// The queue that is meant; an error that says what was perhaps meant.
async fn find(session: &Session, queue: &QueueName) -> Result<WorkQueue, Failure> {
    let name = &queue.name;
    if let Some(pool) = &queue.pool {
        work_pool::find(session, pool).await?;
        if let Some(found) = session.client.pool_queue(pool, name).await? {
            return Ok(found);
        }
        let queues = session.client.pool_queues(pool, 1000).await?;
        let names: Vec<String> = queues.into_iter().map(|queue| queue.name).collect();
        let see = format!("sluice work-queue ls --pool {pool}");
        return Err(lookup::missing("work queue", name, &names, see));
    }
    let all = session.client.work_queues(&json!({}), 1000).await?;
    let names: Vec<String> = all.iter().map(|queue| queue.name.clone()).collect();
    let id = |queue: &WorkQueue| queue.id.to_string();
    let named = all.into_iter().filter(|queue| &queue.name == name || id(queue) == *name).collect();
    lookup::only("work queue", name, named, id)?
        .ok_or_else(|| lookup::missing("work queue", name, &names, "sluice work-queue ls"))
}

/// Changes a queue, and says what has become of it.
async fn change(session: &Session, queue: &QueueName, body: &Value, what: &str) -> Result<(), Failure> {
    let found = find(session, queue).await?;
    session.client.update_work_queue(found.id, body).await?;
    let changed = session.client.work_queue(found.id).await?;
    session.printer.done(&changed, &format!("Work queue '{}' {what}.", queue.name))
}
