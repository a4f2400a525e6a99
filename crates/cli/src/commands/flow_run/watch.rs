//! `sluice flow-run watch`

use std::time::Duration;

use clap::Args;

use crate::exit::Failure;
use crate::lookup;
use crate::session::Session;
use crate::watch::{self, Watching};

/// Show how a flow run goes until it has ended; the exit code is 0 when it completed
#[derive(Args)]
pub(super) struct Watch {
    /// Its id, what its id begins with, or its name
    #[arg(value_name = "RUN")]
    run: String,
    /// Stop watching after this time, in seconds
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u64>,
}

impl Watch {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let run = lookup::flow_run(session, &self.run).await?;
        let watching = Watching { interval: None, timeout: self.timeout.map(Duration::from_secs) };
        watch::flow_run(session, run.id, &watching).await
    }
}
