//! `sluice work-pool create`

use std::path::PathBuf;

use super::{find, template, types};
use clap::Args;
use serde_json::json;

use crate::exit::Failure;
use crate::lookup;
use crate::profiles::ProfilesFile;
use crate::session::Session;

/// The setting that names the work pool of deployments that name none.
const DEFAULT_WORK_POOL: &str = "PREFECT_DEFAULT_WORK_POOL_NAME";

/// Create a work pool
#[derive(Args)]
pub(super) struct Create {
    /// Its name
    #[arg(value_name = "POOL")]
    name: String,
    /// The type of the pool, such as process or docker
    #[arg(long = "type", short = 't', value_name = "TYPE")]
    r#type: Option<String>,
    /// A file with its base job template, as JSON [default: that of its type]
    #[arg(long, value_name = "FILE")]
    base_job_template: Option<PathBuf>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// How many runs it runs at a time
    #[arg(long, value_name = "NUMBER")]
    concurrency_limit: Option<i64>,
    /// Let it hand out no runs yet
    #[arg(long)]
    paused: bool,
    /// Let `deploy` use it where nothing else is said; the profile in use remembers it
    #[arg(long)]
    set_as_default: bool,
    /// Change the pool if there is one
    #[arg(long)]
    overwrite: bool,
}

impl Create {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let existing = session.client.work_pool(&self.name).await?;
        if existing.is_some() && !self.overwrite {
            return Err(Failure::new(format!(
                "there is a work pool '{}' already; pass --overwrite to change it",
                self.name
            )));
        }
        let kind = self.r#type.clone().or_else(|| Some(existing.as_ref()?.r#type.clone()));
        let Some(kind) = kind else {
            return Err(Failure::usage(format!(
                "pass --type; the server knows {}",
                types(session).await?.join(", ")
            )));
        };
        let mut body = json!({ "is_paused": self.paused });
        if let Some(description) = &self.description {
            body["description"] = json!(description);
        }
        if let Some(limit) = self.concurrency_limit {
            body["concurrency_limit"] = json!(limit);
        }
        if let Some(path) = &self.base_job_template {
            body["base_job_template"] = template(path)?;
        } else if existing.is_none() {
            let Some(template) = session.client.default_job_template(&kind).await? else {
                let known = types(session).await?;
                return Err(lookup::missing(
                    "type of work pools",
                    &kind,
                    &known,
                    "sluice work-pool create NAME",
                ));
            };
            body["base_job_template"] = template.parse()?;
        }
        if existing.is_some() {
            session.client.update_work_pool(&self.name, &body).await?;
        } else {
            body["name"] = json!(self.name);
            body["type"] = json!(kind);
            session.client.create_work_pool(&body).await?;
        }
        let pool = find(session, &self.name).await?;
        if self.set_as_default {
            let mut profiles = ProfilesFile::read()?;
            let setting = (DEFAULT_WORK_POOL.to_owned(), self.name.clone());
            let profile = profiles.set(session.profile.as_deref(), &[setting])?;
            profiles.write()?;
            eprintln!("Profile '{profile}' has '{}' as its default work pool.", self.name);
        }
        let sentence = format!(
            "Work pool '{}' of type {kind} is there; `sluice worker start --pool {}` starts a worker for it.",
            self.name, self.name
        );
        session.printer.done(&pool, &sentence)
    }
}
