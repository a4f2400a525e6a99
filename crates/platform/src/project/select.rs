//! Which deployments of a file are meant.

use serde_json::{Map, Value, json};

use super::options::Options;
use crate::error::PlatformError;
use crate::project_file::ProjectFile;

/// The deployments that the options name: all of them where they name none. An entrypoint that fits no deployment of
/// the file makes a new one.
pub(super) fn select(
    file: &ProjectFile,
    options: &Options,
) -> Result<Vec<Map<String, Value>>, PlatformError> {
    let refuse = |cause: String| Err(PlatformError::Selection(cause));
    let deployments = &file.deployments;
    let mut chosen: Vec<Map<String, Value>> = Vec::new();
    let mut unknown = Vec::new();
    for name in &options.names {
        let matching: Vec<&Map<String, Value>> =
            deployments.iter().filter(|config| fits(name, config)).collect();
        if matching.is_empty() {
            unknown.push(name.as_str());
        }
        for config in matching {
            if !chosen.contains(config) {
                chosen.push(config.clone());
            }
        }
    }
    if let (Some(entrypoint), [name]) = (&options.entrypoint, unknown.as_slice()) {
        let name = name.rsplit('/').next().unwrap_or(name);
        return Ok(vec![new(entrypoint, Some(name))]);
    }
    if !unknown.is_empty() {
        let known: Vec<&str> = deployments.iter().filter_map(|config| config.get("name")?.as_str()).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        return refuse(format!("no deployment is named {}; the file has {known}", unknown.join(", ")));
    }
    if options.names.is_empty() {
        if let Some(entrypoint) = &options.entrypoint {
            let of_entrypoint =
                |config: &&Map<String, Value>| config.get("entrypoint") == Some(&json!(entrypoint));
            chosen = deployments.iter().filter(of_entrypoint).cloned().collect();
            if chosen.is_empty() {
                return Ok(vec![new(entrypoint, None)]);
            }
        } else {
            chosen = deployments.clone();
        }
    }
    if chosen.is_empty() {
        return refuse(format!("{} has no deployments", file.path.display()));
    }
    if chosen.len() > 1 && options.change_a_deployment() {
        return refuse(format!(
            "the options change one deployment, but {} are chosen; choose one with --name",
            chosen.len()
        ));
    }
    Ok(chosen)
}

fn new(entrypoint: &str, name: Option<&str>) -> Map<String, Value> {
    let mut config = Map::from_iter([("entrypoint".to_owned(), json!(entrypoint))]);
    if let Some(name) = name {
        config.insert("name".to_owned(), json!(name));
    }
    config
}

/// Whether `name`, `flow/name` or a pattern with `*` means this deployment. The flow is that of the entrypoint.
fn fits(wanted: &str, config: &Map<String, Value>) -> bool {
    let name = config.get("name").and_then(Value::as_str).unwrap_or_default();
    let entrypoint = config.get("entrypoint").and_then(Value::as_str).unwrap_or_default();
    let function = entrypoint.rsplit(':').next().unwrap_or_default().replace('_', "-");
    match wanted.split_once('/') {
        None => matches(wanted, name),
        Some((flow, wanted)) => matches(&flow.replace('_', "-"), &function) && matches(wanted, name),
    }
}

/// Whether a text fits a pattern in which `*` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut rest = rest;
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::Options;
    use super::{matches, select};
    use crate::project_file::ProjectFile;

    #[test]
    fn patterns_fit() {
        for (pattern, text, fits) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("a*", "ab", true),
            ("*b", "ab", true),
            ("a*c*e", "abcde", true),
            ("a*c*e", "abde", false),
            ("*", "", true),
            ("aa*aa", "aaa", false),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn deployments_are_chosen_by_name_pattern_and_entrypoint() {
        let text = "deployments:\n\
            - {name: one, entrypoint: 'f.py:first_flow'}\n\
            - {name: two, entrypoint: 'f.py:second_flow'}\n\
            - {name: one, entrypoint: 'f.py:second_flow'}\n";
        let file = ProjectFile::parse(Path::new("prefect.yaml"), text).unwrap();
        type Case<'c> = (&'c [&'c str], Option<&'c str>, Result<usize, &'c str>);
        let cases: &[Case<'_>] = &[
            (&[], None, Ok(3)),
            (&["one"], None, Ok(2)),
            (&["second-flow/one"], None, Ok(1)),
            (&["second_flow/one"], None, Ok(1)),
            (&["*-flow/t*", "one"], None, Ok(3)),
            (&["three"], None, Err("no deployment is named three; the file has one, two, one")),
            (&["three"], Some("f.py:g"), Ok(1)),
            (&[], Some("f.py:first_flow"), Ok(1)),
            (&[], Some("f.py:other"), Ok(1)),
            (
                &["one"],
                Some("f.py:other"),
                Err("the options change one deployment, but 2 are chosen; choose one with --name"),
            ),
        ];
        for (names, entrypoint, expected) in cases {
            let options = Options {
                names: names.iter().map(|name| (*name).to_owned()).collect(),
                entrypoint: entrypoint.map(str::to_owned),
                ..Options::default()
            };
            let found = select(&file, &options).map(|chosen| chosen.len()).map_err(|error| error.to_string());
            assert_eq!(found, expected.map_err(str::to_owned), "{names:?} {entrypoint:?}");
        }
    }
}
