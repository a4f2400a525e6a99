//! Interpreters that wait for one job each, for where forking is not safe.

use std::collections::BTreeMap;
use std::path::Path;

use super::interpreter::{self, Interpreter, WireJob};
use super::pool::WarmError;
use crate::launchers::process::{End, Started, output_pipe};

/// Gives an interpreter its one job.
pub(super) async fn launch(
    interpreter: Interpreter,
    environment: &BTreeMap<String, String>,
    directory: &Path,
    module: &str,
) -> Result<Started, WarmError> {
    let (mut child, stream, _) = interpreter.into_parts();
    let pid = child.id().ok_or(WarmError::Gone)?;
    let (output_end, output) = output_pipe()?;
    let (errors_end, errors) = output_pipe()?;
    let job = WireJob { job: 1, argv: [module], cwd: directory, env: environment };
    interpreter::send(stream.get_ref(), &job, output_end, errors_end).await?;
    let ended = Box::pin(async move { child.wait().await.ok().and_then(End::of) });
    Ok(Started { pid, output, errors, ended })
}
