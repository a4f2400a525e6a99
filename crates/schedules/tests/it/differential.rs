//! The dates of thousands of random schedules are those of the reference.
//!
//! `tests/differential/generate.py` asked the reference; the saved answers are checked always, and fresh ones when the
//! environment variable `SCHEDULES_CORPUS` names a file of them.

use serde::Deserialize;
use sluice_schedules::{dates, validate};
use sluice_wire::schedules::Schedule;
use sluice_wire::time::Timestamp;

/// One line, as the generator describes it.
#[derive(Deserialize)]
struct Case {
    #[serde(rename = "s")]
    schedule: Schedule,
    #[serde(rename = "a")]
    start: Option<i64>,
    #[serde(rename = "e")]
    end: Option<i64>,
    #[serde(rename = "n", default)]
    limit: usize,
    #[serde(rename = "d", default)]
    steps: Vec<i64>,
    #[serde(rename = "v", default = "valid")]
    is_valid: bool,
}

fn valid() -> bool {
    true
}

fn difference(line: &str) -> Option<String> {
    let case: Case = match serde_json::from_str(line) {
        Ok(case) => case,
        Err(error) => return Some(format!("cannot be read: {error}")),
    };
    let validity = validate(&case.schedule);
    if validity.is_ok() != case.is_valid {
        return Some(format!("valid for the reference: {}, for us: {validity:?}", case.is_valid));
    }
    let start = Timestamp::from_micros(case.start?);
    let end = case.end.map(Timestamp::from_micros);
    let expected: Vec<Timestamp> = case
        .steps
        .iter()
        .scan(0, |sum, step| {
            *sum += step;
            Some(Timestamp::from_micros(*sum))
        })
        .collect();
    match dates(&case.schedule, start, end, case.limit) {
        Ok(found) if found == expected => None,
        Ok(found) => {
            let texts =
                |dates: &[Timestamp]| dates.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            Some(format!("start {start}\n  reference: {}\n  ours:      {}", texts(&expected), texts(&found)))
        }
        Err(error) => Some(format!("error: {error}")),
    }
}

fn assert_no_difference(corpus: &str, smallest: usize) {
    let differences: Vec<String> = corpus
        .lines()
        .filter_map(|line| difference(line).map(|difference| format!("{line}\n  {difference}")))
        .collect();
    let count = corpus.lines().count();
    assert!(count >= smallest, "only {count} cases");
    let shown = differences.iter().take(20).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(differences.is_empty(), "{} of {count} cases differ:\n{shown}", differences.len());
}

#[test]
fn saved_cases_have_the_dates_of_the_reference() {
    assert_no_difference(include_str!("../differential/corpus.jsonl"), 3_000);
}

#[test]
fn fresh_cases_have_the_dates_of_the_reference() {
    let Some(path) = std::env::var_os("SCHEDULES_CORPUS") else { return };
    assert_no_difference(&std::fs::read_to_string(path).expect("SCHEDULES_CORPUS names a file"), 1);
}
