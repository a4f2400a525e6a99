//! The options that choose runs, by what they are called and how they stand.

use clap::Args;
use serde_json::{Value, json};
use sluice_wire::states::StateType;
use sluice_wire::time::Timestamp;

use crate::exit::Failure;
use crate::start_time;

/// `--state`, `--state-type`, `--tag`, `--start-after`, `--start-before`, `--limit`.
#[derive(Args)]
pub(super) struct RunFilters {
    /// Only runs in a state of this name, such as Late; may be given several times
    #[arg(long, value_name = "NAME")]
    state: Vec<String>,
    /// Only runs in a state of this type, such as FAILED; may be given several times
    #[arg(long, value_name = "TYPE")]
    state_type: Vec<String>,
    /// Only runs with this tag; with several, only runs that have them all
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
    /// Only runs that started, or are due, at this time or later; '2 hours' is two hours ago
    #[arg(long, value_name = "TIME")]
    start_after: Option<String>,
    /// Only runs that started, or are due, at this time or earlier
    #[arg(long, value_name = "TIME")]
    start_before: Option<String>,
    /// How many at most
    #[arg(long, value_name = "NUMBER", default_value_t = 15)]
    pub(super) limit: usize,
}

impl RunFilters {
    /// The filter of runs, to which others may be added.
    pub(super) fn filter(&self) -> Result<Value, Failure> {
        let mut filter = json!({});
        if !self.state.is_empty() {
            let names: Vec<String> = self.state.iter().map(|name| capitalised(name)).collect();
            filter["state"]["name"] = json!({ "any_": names });
        }
        if !self.state_type.is_empty() {
            let types: Result<Vec<StateType>, Failure> =
                self.state_type.iter().map(|text| state_type(text)).collect();
            filter["state"]["type"] = json!({ "any_": types? });
        }
        if !self.tag.is_empty() {
            filter["tags"] = json!({ "all_": self.tag });
        }
        let now = jiff::Zoned::now();
        for (option, key, text) in [
            ("--start-after", "after_", &self.start_after),
            ("--start-before", "before_", &self.start_before),
        ] {
            if let Some(text) = text {
                let moment = Timestamp::from_jiff(start_time::moment(option, text, &now)?);
                filter["expected_start_time"][key] = json!(moment);
            }
        }
        Ok(filter)
    }
}

/// `running` is written Running, as the names of states are; `AwaitingRetry` stays.
fn capitalised(name: &str) -> String {
    let mut characters = name.chars();
    match characters.next() {
        Some(first) if name.chars().all(char::is_lowercase) => {
            first.to_uppercase().chain(characters).collect()
        }
        _ => name.to_owned(),
    }
}

fn state_type(text: &str) -> Result<StateType, Failure> {
    text.to_uppercase().parse().map_err(|_| {
        let types: Vec<&str> = StateType::ALL.iter().map(|state_type| state_type.as_str()).collect();
        Failure::usage(format!("{text:?} is no type of states; they are {}", types.join(", ")))
    })
}
