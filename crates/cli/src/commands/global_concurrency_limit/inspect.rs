//! `sluice global-concurrency-limit inspect`

use std::path::PathBuf;

use super::find;
use clap::Args;

use crate::exit::Failure;
use crate::session::Session;

/// Show everything about a global concurrency limit
#[derive(Args)]
pub(super) struct Inspect {
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
    /// Write it to this file, as JSON
    #[arg(long, short = 'f', value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Inspect {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let limit = find(session, &self.name).await?;
        let Some(path) = &self.file else { return session.printer.inspect(&limit) };
        let text = format!("{:#}\n", serde_json::to_value(&limit)?);
        std::fs::write(path, text)
            .map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))?;
        session.printer.done(&limit, &format!("Wrote the limit to {}.", path.display()))
    }
}
