//! Asking before something is destroyed.

use std::io::{BufRead, IsTerminal, Write};

use clap::Args;

use crate::exit::Failure;

/// `--yes`, of every command that destroys.
#[derive(Args)]
pub(crate) struct Confirmation {
    /// Do it without asking
    #[arg(long, short = 'y', visible_alias = "accept-yes")]
    yes: bool,
}

impl Confirmation {
    /// Asks whether to do `what` ("delete flow run 'x'"); an error unless the answer is yes. Where nobody can be asked,
    /// the answer is no, and the error says how to say yes.
    pub(crate) fn ask(&self, what: &str) -> Result<(), Failure> {
        if self.yes {
            return Ok(());
        }
        if !std::io::stdin().is_terminal() {
            return Err(Failure::new(format!(
                "will not {what} unasked, and there is no terminal to ask at; pass --yes"
            )));
        }
        eprint!("Really {what}? [y/N] ");
        std::io::stderr().flush()?;
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer)?;
        if matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") {
            return Ok(());
        }
        Err(Failure::new("nothing was done"))
    }
}
