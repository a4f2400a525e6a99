//! Whether a run may come from a warm interpreter, and from which: by its environment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What must not be there for a warm start, and why.
const UNUSUAL: &[(&str, &str)] = &[
    ("PYTHONPATH", "modules in it could take the place of those that are imported already"),
    ("PYTHONSTARTUP", "it runs code when an interpreter starts"),
    ("PYTHONINSPECT", "it changes how an interpreter ends"),
    ("PYTHONFAULTHANDLER", "it installs handlers when an interpreter starts"),
    ("PYTHONTRACEMALLOC", "it traces memory from the start of an interpreter"),
    ("PYTHONPROFILEIMPORTTIME", "it measures imports"),
    ("LD_PRELOAD", "it loads libraries when a process starts"),
    ("LD_AUDIT", "it loads libraries when a process starts"),
    ("COVERAGE_PROCESS_START", "it measures code from the start of an interpreter"),
];
/// Variables of agents that trace a program from its start.
const TRACING: &[&str] = &["DD_TRACE_", "NEW_RELIC_", "ELASTIC_APM_", "OTEL_PYTHON_", "SCOUT_"];
/// What an interpreter reads when it starts: runs that differ in it do not share one.
const READ_AT_START: &[&str] = &["PYTHON", "LD_", "LC_", "MALLOC_", "GLIBC_", "SSL_CERT_", "OPENSSL_"];
const READ_AT_START_BY_NAME: &[&str] = &["LANG", "LANGUAGE", "VIRTUAL_ENV", "HOME"];

/// Why a run with this environment must not come from a warm interpreter; `None` when it may.
pub fn reason_for_a_cold_start(environment: &BTreeMap<String, String>) -> Option<String> {
    let is_set = |name: &str| environment.get(name).is_some_and(|value| !value.is_empty());
    if let Some((name, why)) = UNUSUAL.iter().find(|(name, _)| is_set(name)) {
        return Some(format!("{name} is set: {why}"));
    }
    let agent = environment.keys().find(|name| TRACING.iter().any(|prefix| name.starts_with(prefix)))?;
    Some(format!("{agent} is set: an agent may trace the program from its start"))
}

/// Which runs share an interpreter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StartKey {
    python: PathBuf,
    variables: Vec<(String, String)>,
}

impl StartKey {
    /// The key of a run with this environment.
    pub fn new(python: &Path, environment: &BTreeMap<String, String>) -> Self {
        let counts = |name: &str| {
            READ_AT_START_BY_NAME.contains(&name)
                || READ_AT_START.iter().any(|prefix| name.starts_with(prefix))
        };
        let variables = environment.iter().filter(|(name, _)| counts(name));
        Self {
            python: python.to_owned(),
            variables: variables.map(|(name, value)| (name.clone(), value.clone())).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::{StartKey, reason_for_a_cold_start};

    fn environment(variables: &[(&str, &str)]) -> BTreeMap<String, String> {
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_changes_how_an_interpreter_starts_needs_a_cold_one() {
        let cases = [
            (&[("PATH", "/bin"), ("PREFECT_API_URL", "http://a/api")][..], None),
            (&[("PYTHONPATH", "")], None),
            (&[("PYTHONUNBUFFERED", "1")], None),
            (&[("PYTHONPATH", "/code")], Some("PYTHONPATH is set")),
            (&[("LD_PRELOAD", "libjemalloc.so")], Some("LD_PRELOAD is set")),
            (&[("DD_TRACE_ENABLED", "true")], Some("DD_TRACE_ENABLED is set")),
        ];
        for (variables, expected) in cases {
            let reason = reason_for_a_cold_start(&environment(variables));
            match expected {
                None => assert_eq!(reason, None, "{variables:?}"),
                Some(expected) => assert!(reason.expect("a reason").starts_with(expected), "{variables:?}"),
            }
        }
    }

    #[test]
    fn runs_share_an_interpreter_unless_it_reads_what_they_differ_in() {
        let key = |variables| StartKey::new(Path::new("/bin/python"), &environment(variables));
        let usual = key(&[("PATH", "/bin"), ("A", "1")]);
        assert_eq!(usual, key(&[("PATH", "/usr/bin"), ("A", "2"), ("PREFECT_LOGGING_LEVEL", "DEBUG")]));
        assert_ne!(usual, key(&[("PYTHONHASHSEED", "0")]));
        assert_ne!(usual, key(&[("LC_ALL", "C.UTF-8")]));
        assert_ne!(usual, StartKey::new(Path::new("/other/python"), &environment(&[])));
    }
}
