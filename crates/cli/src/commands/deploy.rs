//! `sluice deploy`: plan, ask, apply. `sluice deploy plan` and `sluice deploy apply` do one half each; `sluice deploy
//! inspect` says what is known of a flow.

mod arguments;
mod inspect;
mod print;

use std::io::{BufRead, IsTerminal, Write};
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::{ArgMatches, Args, Command, FromArgMatches};
use sluice_client::{Client, Target};
use sluice_platform::{Plan, Project, ProjectFile};

use self::arguments::DeployArguments;
use crate::exit::Failure;

/// How often a request is sent again when the server is away for a moment.
const RETRIES: u32 = 3;

/// How far a command goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// It says what would happen.
    Plan,
    /// It says so, asks, and does it.
    Ask,
    /// It says so and does it.
    Apply,
}

pub(super) fn command() -> Command {
    let command = Command::new("deploy")
        .about("Deploy the flows of a project: plan, ask, apply")
        .args_conflicts_with_subcommands(true)
        .subcommand(DeployArguments::augment_args(
            Command::new("plan").about("Show what a deploy would change, and change nothing"),
        ))
        .subcommand(DeployArguments::augment_args(
            Command::new("apply").about("Deploy without asking; the same as `sluice deploy --yes`"),
        ))
        .subcommand(inspect::command());
    DeployArguments::augment_args(command)
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    match matches.subcommand() {
        Some(("inspect", matches)) => inspect::run(matches),
        Some(("plan", matches)) => deploy(&DeployArguments::from_arg_matches(matches)?, Extent::Plan),
        Some(("apply", matches)) => deploy(&DeployArguments::from_arg_matches(matches)?, Extent::Apply),
        _ => {
            let arguments = DeployArguments::from_arg_matches(matches)?;
            let extent = match (arguments.dry_run, arguments.yes) {
                (true, _) => Extent::Plan,
                (false, true) => Extent::Apply,
                (false, false) => Extent::Ask,
            };
            deploy(&arguments, extent)
        }
    }
}

fn deploy(arguments: &DeployArguments, extent: Extent) -> Result<(), Failure> {
    let extent = if arguments.dry_run { Extent::Plan } else { extent };
    let target = Target::find(|name| std::env::var(name).ok(), arguments.profile.as_deref())?;
    let client = Client::new(target)?.with_retries(RETRIES).with_turns();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(deploy_with(&client, arguments, extent))
}

async fn deploy_with(client: &Client, arguments: &DeployArguments, extent: Extent) -> Result<(), Failure> {
    let file = if arguments.prefect_file.is_file() || arguments.entrypoint.is_none() {
        ProjectFile::read(&arguments.prefect_file)?
    } else {
        // A flow can be deployed without a file.
        ProjectFile::parse(&arguments.prefect_file, "")?
    };
    let directory = std::env::current_dir()?.canonicalize()?;
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?.into())));
    let file_path = file.path.clone();
    let mut options = arguments.options();
    options.default_pool = Target::setting(
        |name| std::env::var(name).ok(),
        arguments.profile.as_deref(),
        &["PREFECT_DEPLOYMENTS_DEFAULT_WORK_POOL_NAME", "PREFECT_DEFAULT_WORK_POOL_NAME"],
    )?;
    let project = Project::load(client, file, &directory, environment.collect(), &options).await?;
    let plan = Plan::make(client, &project, arguments.prune).await?;
    let is_json = arguments.output == "json";
    if !is_json {
        print!(
            "{}",
            print::plan(&plan, &file_path, client.target().api.as_str(), print::Colours::of_stdout())
        );
    }
    if extent == Extent::Plan {
        if is_json {
            println!("{}", serde_json::to_string_pretty(&plan)?);
        }
        return Ok(());
    }
    if !is_json && plan.is_empty() {
        println!("Nothing to do.");
    } else if extent == Extent::Ask {
        ask(is_json)?;
    }
    let plan_json = if is_json { Some(serde_json::to_value(&plan)?) } else { None };
    let progress = print::ProgressLine::new(plan.deployments.len(), is_json);
    let done = AtomicUsize::new(0);
    let applied = sluice_platform::apply(client, &project, plan, &|event| {
        progress.tell(&event, &done);
    })
    .await;
    progress.end(done.load(Ordering::Relaxed));
    let applied = applied?;
    match plan_json {
        Some(plan) => {
            let document = serde_json::json!({ "plan": plan, "applied": applied });
            println!("{}", serde_json::to_string_pretty(&document)?);
        }
        None => println!(
            "{} created, {} changed, {} unchanged, {} pruned.",
            applied.created, applied.changed, applied.unchanged, applied.pruned
        ),
    }
    Ok(())
}

/// Asks whether to go on; an error unless the answer is yes.
fn ask(is_json: bool) -> Result<(), Failure> {
    if is_json || !std::io::stdin().is_terminal() {
        return Err(Failure::new(
            "nothing was changed: there is no terminal to ask at; pass --yes to deploy",
        ));
    }
    eprint!("Deploy this? [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    if matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") {
        return Ok(());
    }
    Err(Failure::new("nothing was changed"))
}
