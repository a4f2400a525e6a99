//! The name of a container, made from one that people chose.

use sluice_wire::ids::FlowRunId;

/// The longest name. Docker has no limit of its own; URLs do.
const LONGEST: usize = 250;

/// How many numbers are tried after a name that is taken, before the run's id is taken instead of a number.
const NUMBERS_TRIED: u32 = 5;

/// A name that Docker accepts: other characters than `a-zA-Z0-9_.-` become dashes, none of which stands first or last.
/// `None` where nothing is left; Docker then invents a name.
pub(super) fn container_name(wanted: &str) -> Option<String> {
    let mut name = String::with_capacity(wanted.len());
    for letter in wanted.chars() {
        match letter {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '.' => name.push(letter),
            // An apostrophe parts no words, and one dash parts them well enough.
            '\'' => {}
            _ if name.ends_with('-') => {}
            _ => name.push('-'),
        }
    }
    let name: String = name.trim_matches('-').chars().take(LONGEST).collect();
    // Docker wants two characters at least, the first a letter or a digit.
    let name = name.trim_start_matches(['_', '-', '.']).trim_end_matches('-');
    (name.len() > 1).then(|| name.to_owned())
}

/// The names to try, in order: the wanted one, the wanted one with a number, and one that nobody else has.
pub(super) fn candidates(wanted: &str, flow_run: FlowRunId) -> impl Iterator<Item = Option<String>> {
    let name = container_name(wanted);
    let numbered = name.clone();
    let numbered =
        (1..=NUMBERS_TRIED).filter_map(move |number| Some(format!("{}-{number}", numbered.as_ref()?)));
    let unique = name.as_ref().map(|name| format!("{name}-{flow_run}"));
    std::iter::once(name).chain(numbered.map(Some)).chain(unique.map(Some)).chain(std::iter::once(None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_what_docker_accepts() {
        let long = "x".repeat(300);
        let cases = [
            ("fizzy-lizard", Some("fizzy-lizard")),
            ("Daily ETL (eu)", Some("Daily-ETL-eu")),
            ("ada's run", Some("adas-run")),
            ("_.-hidden", Some("hidden")),
            ("a_b.c-d", Some("a_b.c-d")),
            ("2026/11/28 04:00", Some("2026-11-28-04-00")),
            ("täglich", Some("t-glich")),
            ("--", None),
            ("x", None),
            ("", None),
            (&long, Some(&long[..250])),
        ];
        for (wanted, expected) in cases {
            assert_eq!(container_name(wanted).as_deref(), expected, "{wanted:?}");
        }
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number_and_then_the_runs_id() {
        let flow_run = FlowRunId::random();
        let names: Vec<_> = candidates("etl", flow_run).collect();
        let expected = ["etl", "etl-1", "etl-2", "etl-3", "etl-4", "etl-5", &format!("etl-{flow_run}")];
        let expected: Vec<_> = expected.map(|name| Some(name.to_owned())).into_iter().chain([None]).collect();
        assert_eq!(names, expected);
        assert!(candidates("?", flow_run).all(|name| name.is_none()));
    }
}
