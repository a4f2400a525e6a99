//! Finding what a user names: by its id, by the beginning of its id, or by its name. What is not found comes with the
//! name that was perhaps meant.

mod automation;
mod deployment;
mod flow_run;
mod task_run;

use std::fmt::Display;

use uuid::Uuid;

pub(crate) use automation::{automation, automations};
pub(crate) use deployment::{deployment, deployment_names, flow_names};
pub(crate) use flow_run::flow_run;
pub(crate) use task_run::task_run;

use crate::exit::Failure;

/// How many objects are looked through for the beginning of an id, and for similar names.
const MOST_LOOKED_THROUGH: usize = 1000;
/// What begins an id has to be at least this long.
const SHORTEST_PREFIX: usize = 4;
/// How similar a name has to be to be the one that was meant.
const SIMILAR: f64 = 0.8;

/// How a user names something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Named {
    /// By its id.
    Id(Uuid),
    /// By what its id begins with, in lower case; or by a name that happens to look like that.
    Prefix(String),
    /// By its name.
    Name,
}

impl Named {
    /// What `text` is. The … that tables end shortened ids with may stand at the end.
    pub(crate) fn parse(text: &str) -> Self {
        let beginning = text.trim_end_matches('…');
        if let Ok(id) = Uuid::parse_str(beginning) {
            return Self::Id(id);
        }
        let is_prefix = beginning.len() >= SHORTEST_PREFIX
            && beginning.len() < 36
            && beginning.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        if is_prefix { Self::Prefix(beginning.to_lowercase()) } else { Self::Name }
    }
}

/// The only one of `items` whose id begins with `prefix`; an error when several do.
pub(crate) fn by_prefix<T>(
    kind: &str,
    prefix: &str,
    items: Vec<T>,
    id: impl Fn(&T) -> String,
) -> Result<Option<T>, Failure> {
    let matching: Vec<T> = items.into_iter().filter(|item| id(item).starts_with(prefix)).collect();
    only(kind, prefix, matching, id)
}

/// The only item, if there is one; an error when there are several.
pub(crate) fn only<T>(
    kind: &str,
    text: &str,
    mut items: Vec<T>,
    id: impl Fn(&T) -> String,
) -> Result<Option<T>, Failure> {
    if items.len() > 1 {
        let ids: Vec<String> = items.iter().take(3).map(id).collect();
        let more = if items.len() > 3 { ", ..." } else { "" };
        return Err(Failure::usage(format!(
            "{text:?} is the name of {} {kind}s; name one by its id: {}{more}",
            items.len(),
            ids.join(", ")
        )));
    }
    Ok(items.pop())
}

/// `no deployment 'etl/nigthly'; did you mean 'etl/nightly'?`
pub(crate) fn missing(kind: &str, text: &str, names: &[impl AsRef<str>], see: impl Display) -> Failure {
    let similarity = |name: &str| strsim::jaro_winkler(&name.to_lowercase(), &text.to_lowercase());
    let best = names
        .iter()
        .map(|name| (similarity(name.as_ref()), name.as_ref()))
        .filter(|(similarity, _)| *similarity >= SIMILAR)
        .max_by(|one, other| one.0.total_cmp(&other.0));
    Failure::not_found(match best {
        Some((_, name)) => format!("no {kind} '{text}'; did you mean '{name}'?"),
        None => format!("no {kind} '{text}'; `{see}` shows those that there are"),
    })
}

#[cfg(test)]
mod tests {
    use super::{Named, by_prefix, missing};

    #[test]
    fn what_is_named_is_an_id_its_beginning_or_a_name() {
        let id = "0199c1f2-ab12-7abc-8def-0123456789ab";
        assert_eq!(Named::parse(id), Named::Id(id.parse().expect("an id")));
        for prefix in ["0199", "0199c1f2-AB12", "0199c1f2-ab12…"] {
            assert!(
                matches!(Named::parse(prefix), Named::Prefix(found) if id.starts_with(&found)),
                "{prefix}"
            );
        }
        for name in ["etl", "abc", "etl/nightly", "0199c1f2_"] {
            assert_eq!(Named::parse(name), Named::Name, "{name}");
        }
    }

    #[test]
    fn the_beginning_of_an_id_has_to_be_unique() {
        let ids = || vec!["0199aa".to_owned(), "0199ab".to_owned()];
        let find = |prefix: &str| by_prefix("flow run", prefix, ids(), String::clone);
        assert_eq!(find("0199ab").expect("one"), Some("0199ab".to_owned()));
        assert_eq!(find("0198").expect("none"), None);
        assert!(
            format!("{:?}", find("0199").expect_err("two")).contains("name one by its id: 0199aa, 0199ab")
        );
    }

    #[test]
    fn a_name_that_was_perhaps_meant_is_told() {
        let names = ["etl/nightly", "etl/weekly", "report/daily"];
        let text = |name: &str| format!("{:?}", missing("deployment", name, &names, "sluice deployment ls"));
        assert!(text("etl/nigthly").contains("no deployment 'etl/nigthly'; did you mean 'etl/nightly'?"));
        assert!(
            text("zzz").contains("no deployment 'zzz'; `sluice deployment ls` shows those that there are")
        );
    }
}
