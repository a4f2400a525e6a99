//! The Python that would run flows here, and its Prefect.

use sluice_client::CLIENT_VERSION;
use tokio::process::Command;

use super::{Check, Health};

/// Does not import Prefect: that takes seconds.
const ASK: &str =
    "import sys; from importlib.metadata import version; print(sys.version.split()[0], version('prefect'))";

pub(super) async fn check() -> Check {
    for name in ["python", "python3"] {
        let Ok(output) = Command::new(name).args(["-c", ASK]).output().await else { continue };
        let answer = String::from_utf8_lossy(&output.stdout);
        let Some((python, prefect)) = answer.trim().split_once(' ').filter(|_| output.status.success())
        else {
            return Check::other(
                "python",
                Health::Absent,
                format!("`{name}` has no Prefect"),
                format!(
                    "`pip install prefect=={CLIENT_VERSION}`, or activate the environment that has it, to run flows here"
                ),
            );
        };
        let found = format!("Python {python} with Prefect {prefect}");
        if prefect.starts_with("3.") {
            return Check::ok("python", found);
        }
        let advice = format!("`pip install prefect=={CLIENT_VERSION}`: this is made for Prefect 3");
        return Check::other("python", Health::Warning, found, advice);
    }
    Check::other("python", Health::Absent, "there is no python", "install Python to run flows here")
}
