//! `sluice work-pool get-default-base-job-template`

use std::path::PathBuf;

use super::types;
use clap::Args;
use serde_json::Value;

use crate::exit::Failure;
use crate::lookup;
use crate::output;
use crate::session::Session;

/// Print the base job template that pools of a type begin with
#[derive(Args)]
pub(super) struct GetDefaultBaseJobTemplate {
    /// The type of the pools, such as process or docker
    #[arg(long = "type", short = 't', value_name = "TYPE")]
    kind: String,
    /// Write it to this file
    #[arg(long, short = 'f', value_name = "FILE")]
    file: Option<PathBuf>,
}

impl GetDefaultBaseJobTemplate {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let Some(template) = session.client.default_job_template(&self.kind).await? else {
            return Err(lookup::missing(
                "type of work pools",
                &self.kind,
                &types(session).await?,
                "sluice work-pool create",
            ));
        };
        let template: Value = template.parse()?;
        let Some(path) = &self.file else { return output::print_json(&template) };
        std::fs::write(path, format!("{template:#}\n"))
            .map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))?;
        session.printer.done(&template, &format!("Wrote the template to {}.", path.display()))
    }
}
