//! `sluice api`: a request to the API as it is, for what no other command does.

use std::path::Path;

use clap::{ArgMatches, Args, Command, FromArgMatches};
use serde_json::{Value, json};
use sluice_platform::{parse_document, read_document};

use crate::exit::Failure;
use crate::output;
use crate::session;

/// Which request.
#[derive(Args)]
struct Request {
    /// Of HTTP, in capitals or not
    #[arg(value_name = "METHOD", ignore_case = true, value_parser = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"])]
    method: String,
    /// A path under the address of the API, such as /flows/filter
    #[arg(value_name = "PATH")]
    path: String,
    /// The body as JSON, or @FILE, or - for standard input [default: {} where a method has a body]
    #[arg(long, short = 'd', value_name = "JSON")]
    data: Option<String>,
}

pub(super) fn command() -> Command {
    session::arguments(Request::augment_args(Command::new("api")))
        .about("Send a request to the API and print the answer")
        .after_help("Example: sluice api POST /flow_runs/filter --data '{\"limit\": 1}'")
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let request = Request::from_arg_matches(matches)?;
    let client = session::client(matches)?;
    session::block_on(async {
        let method = request.method.to_uppercase();
        let path = format!("/{}", request.path.trim_start_matches('/'));
        let text = client.request(&method, &path, request.body()?.as_ref()).await?;
        match serde_json::from_str::<Value>(&text) {
            Ok(answer) => output::print_json(&answer),
            Err(_) if text.is_empty() => Ok(()),
            Err(_) => output::print(&format!("{text}\n")),
        }
    })
}

impl Request {
    fn body(&self) -> Result<Option<Value>, Failure> {
        let has_body = ["POST", "PUT", "PATCH"].contains(&self.method.to_uppercase().as_str());
        let given = match self.data.as_deref() {
            None => return Ok(has_body.then(|| json!({}))),
            Some("-") => parse_document(&std::io::read_to_string(std::io::stdin())?)
                .map_err(|cause| format!("standard input: {cause}")),
            Some(text) => match text.strip_prefix('@') {
                Some(file) => read_document(Path::new(file)).map_err(|error| error.to_string()),
                None => serde_json::from_str(text).map_err(|error| format!("--data is no JSON: {error}")),
            },
        };
        given.map(Some).map_err(Failure::usage)
    }
}
