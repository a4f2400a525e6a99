//! Measurements and how they are shown: a table to read, JSON to keep.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use serde_json::{Value, json};

use crate::cpu::Spent;
use crate::failure::Failure;
use crate::http_client::Refusal;
use crate::servers::ServerKind;

/// What one server did in one part of a scenario.
#[derive(Debug, Clone)]
pub(crate) struct Measurement {
    /// The part of the scenario, the same for both servers.
    pub(crate) part: String,
    pub(crate) figure: Figure,
    /// Operations that were answered with an error, by status or kind.
    pub(crate) errors: BTreeMap<Refusal, u64>,
    /// Items that the server accepted and does not have.
    pub(crate) lost: Option<u64>,
    /// Anything a reader must know to read the figure rightly.
    pub(crate) notes: Vec<String>,
    latencies: Option<Latencies>,
}

/// The measured quantity.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Figure {
    /// Units of work done, and what they cost.
    Work { done: u64, spent: Spent },
    /// A single number; smaller is better.
    Value { value: f64, unit: &'static str },
}

/// Half of the operations took at most `median`, 99 of 100 at most `p99`.
#[derive(Debug, Clone, Copy)]
struct Latencies {
    median: Duration,
    p99: Duration,
}

impl Measurement {
    /// `done` units of work that cost `spent`.
    pub(crate) fn of_work(part: &str, done: u64, spent: Spent) -> Self {
        Self::new(part, Figure::Work { done, spent })
    }

    /// A single number, of which less is better.
    pub(crate) fn of_value(part: &str, value: f64, unit: &'static str) -> Self {
        Self::new(part, Figure::Value { value, unit })
    }

    fn new(part: &str, figure: Figure) -> Self {
        let (errors, notes) = (BTreeMap::new(), Vec::new());
        Self { part: part.to_owned(), figure, errors, lost: None, notes, latencies: None }
    }

    /// Adds the percentiles of `latencies`.
    pub(crate) fn with_latencies(mut self, latencies: Vec<Duration>) -> Self {
        self.latencies = percentiles(latencies);
        self
    }

    /// Adds how many accepted items are missing.
    pub(crate) fn with_lost(mut self, lost: u64) -> Self {
        self.lost = Some(lost);
        self
    }

    /// Adds a remark.
    pub(crate) fn with_note(mut self, note: String) -> Self {
        self.notes.push(note);
        self
    }

    /// One line for the progress output.
    pub(crate) fn summary(&self) -> String {
        let mut columns = vec![self.part.clone()];
        columns.extend(self.columns().into_iter().filter(|column| column != "-"));
        columns.extend(self.notes.iter().cloned());
        columns.join("  ")
    }

    /// Wall time of one unit of work in seconds, or the single number.
    fn primary(&self) -> Option<f64> {
        match self.figure {
            Figure::Work { done: 0, .. } => None,
            Figure::Work { done, spent } => Some(spent.wall.as_secs_f64() / done as f64),
            Figure::Value { value, .. } => Some(value),
        }
    }

    /// Server CPU of one unit of work in seconds.
    fn cpu(&self) -> Option<f64> {
        match self.figure {
            Figure::Work { done, spent } if done > 0 => Some(spent.server_cpu.as_secs_f64() / done as f64),
            _ => None,
        }
    }

    fn columns(&self) -> [String; 8] {
        let dash = || "-".to_owned();
        let (done, primary, per_second) = match self.figure {
            Figure::Work { done, spent } => (
                done.to_string(),
                self.primary().map_or_else(dash, human_seconds),
                format!("{:.0}/s", done as f64 / spent.wall.as_secs_f64().max(1e-9)),
            ),
            Figure::Value { value, unit } => (dash(), format!("{value:.2} {unit}"), dash()),
        };
        [
            done,
            primary,
            self.cpu().map_or_else(dash, human_seconds),
            per_second,
            self.latencies.map_or_else(dash, |latencies| human_seconds(latencies.median.as_secs_f64())),
            self.latencies.map_or_else(dash, |latencies| human_seconds(latencies.p99.as_secs_f64())),
            self.errors_text(),
            self.lost.map_or_else(dash, |lost| lost.to_string()),
        ]
    }

    fn errors_text(&self) -> String {
        if self.errors.is_empty() {
            return "-".to_owned();
        }
        let counts: Vec<String> =
            self.errors.iter().map(|(label, count)| format!("{count}x{label}")).collect();
        counts.join(" ")
    }

    fn json(&self) -> Value {
        let mut object = match self.figure {
            Figure::Work { done, spent } => json!({
                "operations": done,
                "wall_seconds": spent.wall.as_secs_f64(),
                "server_cpu_seconds": spent.server_cpu.as_secs_f64(),
                "generator_cpu_seconds": spent.generator_cpu.as_secs_f64(),
                "wall_seconds_per_operation": self.primary(),
                "server_cpu_seconds_per_operation": self.cpu(),
            }),
            Figure::Value { value, unit } => json!({ "value": value, "unit": unit }),
        };
        if let Some(latencies) = self.latencies {
            object["latency_seconds"] =
                json!({ "p50": latencies.median.as_secs_f64(), "p99": latencies.p99.as_secs_f64() });
        }
        object["errors"] = json!(self.errors);
        object["lost"] = json!(self.lost);
        object["notes"] = json!(self.notes);
        object
    }
}

/// The results of all scenarios in the order in which they ran.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
    failures: Vec<(&'static str, ServerKind, String)>,
}

/// One part of a scenario with each server's measurement.
#[derive(Debug)]
struct Row {
    scenario: &'static str,
    part: String,
    sluice: Option<Measurement>,
    reference: Option<Measurement>,
}

const HEADINGS: [&str; 11] =
    ["scenario", "part", "server", "done", "wall/op", "cpu/op", "rate", "p50", "p99", "errors", "lost"];

impl Report {
    /// Adds what one server did in one scenario.
    pub(crate) fn add(
        &mut self,
        scenario: &'static str,
        kind: ServerKind,
        outcome: Result<Vec<Measurement>, Failure>,
    ) {
        let measurements = match outcome {
            Ok(measurements) => measurements,
            Err(failure) => return self.failures.push((scenario, kind, failure.to_string())),
        };
        for measurement in measurements {
            let part = measurement.part.clone();
            let position =
                self.rows.iter().position(|row| row.scenario == scenario && row.part == part).unwrap_or_else(
                    || {
                        self.rows.push(Row { scenario, part, sluice: None, reference: None });
                        self.rows.len() - 1
                    },
                );
            if let Some(row) = self.rows.get_mut(position) {
                match kind {
                    ServerKind::Sluice => row.sluice = Some(measurement),
                    ServerKind::Reference => row.reference = Some(measurement),
                }
            }
        }
    }

    /// Whether a scenario could not be carried out on a server.
    pub(crate) fn has_failures(&self) -> bool {
        !self.failures.is_empty()
    }

    /// Three lines a row: each server, and by how much the reference needs more.
    pub(crate) fn table(&self) -> String {
        let mut lines: Vec<Vec<String>> = vec![HEADINGS.map(str::to_owned).to_vec()];
        let mut notes = Vec::new();
        for row in &self.rows {
            let servers = [(ServerKind::Sluice, &row.sluice), (ServerKind::Reference, &row.reference)];
            for (kind, measurement) in servers {
                let Some(measurement) = measurement else { continue };
                let mut line = vec![row.scenario.to_owned(), row.part.clone(), kind.name().to_owned()];
                line.extend(measurement.columns());
                lines.push(line);
                notes.extend(
                    measurement
                        .notes
                        .iter()
                        .map(|note| format!("{} / {} on {}: {note}", row.scenario, row.part, kind.name())),
                );
            }
            if row.sluice.is_some() && row.reference.is_some() {
                let mut line = vec![String::new(), String::new(), "ratio".to_owned(), String::new()];
                line.extend(
                    [row.wall_ratio(), row.cpu_ratio()]
                        .map(|ratio| ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.1}x"))),
                );
                lines.push(line);
            }
        }
        let mut text = aligned(&lines);
        if !notes.is_empty() {
            let _ = writeln!(text, "\nNotes:\n- {}", notes.join("\n- "));
        }
        for (scenario, kind, failure) in &self.failures {
            let _ = writeln!(text, "\nNot measured: {scenario} on {}: {failure}", kind.name());
        }
        text
    }

    /// Everything in the table, unrounded.
    pub(crate) fn json(&self) -> Value {
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|row| {
                json!({
                    "scenario": row.scenario,
                    "part": row.part,
                    "sluice": row.sluice.as_ref().map(Measurement::json),
                    "reference": row.reference.as_ref().map(Measurement::json),
                    "ratio": { "wall": row.wall_ratio(), "cpu": row.cpu_ratio() },
                })
            })
            .collect();
        let failures: Vec<Value> = self
            .failures
            .iter()
            .map(|(scenario, kind, failure)| {
                json!({ "scenario": scenario, "server": kind.name(), "failure": failure })
            })
            .collect();
        json!({
            "measured_at": jiff::Timestamp::now().to_string(),
            "processors": std::thread::available_parallelism().map_or(0, usize::from),
            "results": rows,
            "not_measured": failures,
        })
    }
}

impl Row {
    fn wall_ratio(&self) -> Option<f64> {
        ratio(self.reference.as_ref()?.primary(), self.sluice.as_ref()?.primary())
    }

    fn cpu_ratio(&self) -> Option<f64> {
        ratio(self.reference.as_ref()?.cpu(), self.sluice.as_ref()?.cpu())
    }
}

/// None where there is nothing to divide by: CPU time below the kernel's resolution reads as 0.
fn ratio(reference: Option<f64>, sluice: Option<f64>) -> Option<f64> {
    sluice.filter(|sluice| *sluice > 0.0).and_then(|sluice| Some(reference? / sluice))
}

/// Columns as wide as their widest cell.
fn aligned(lines: &[Vec<String>]) -> String {
    let width_of = |column: usize| {
        lines.iter().filter_map(|line| line.get(column)).map(String::len).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..HEADINGS.len()).map(width_of).collect();
    let mut text = String::new();
    for line in lines {
        let cells: Vec<String> =
            line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        let _ = writeln!(text, "{}", cells.join("  ").trim_end());
    }
    text
}

fn percentiles(mut latencies: Vec<Duration>) -> Option<Latencies> {
    latencies.sort_unstable();
    let at = |part: usize| latencies.get((latencies.len() * part).div_ceil(100).saturating_sub(1)).copied();
    Some(Latencies { median: at(50)?, p99: at(99)? })
}

/// Seconds in the unit that reads best.
fn human_seconds(seconds: f64) -> String {
    match seconds {
        seconds if seconds >= 1.0 => format!("{seconds:.2} s"),
        seconds if seconds >= 1e-3 => format!("{:.2} ms", seconds * 1e3),
        seconds => format!("{:.1} us", seconds * 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(done: u64, wall_ms: u64, cpu_ms: u64) -> Measurement {
        let spent = Spent {
            wall: Duration::from_millis(wall_ms),
            server_cpu: Duration::from_millis(cpu_ms),
            generator_cpu: Duration::ZERO,
        };
        Measurement::of_work("part", done, spent)
    }

    #[test]
    fn ratios_compare_one_operation_whatever_the_counts() {
        let mut report = Report::default();
        report.add("create", ServerKind::Sluice, Ok(vec![work(1_000, 1_000, 500)]));
        report.add("create", ServerKind::Reference, Ok(vec![work(10, 500, 250)]));
        let ratio = &report.json()["results"][0]["ratio"];
        assert_eq!((ratio["wall"].as_f64(), ratio["cpu"].as_f64()), (Some(50.0), Some(50.0)));
        let table = report.table();
        let ratio_line: Vec<&str> =
            table.lines().last().into_iter().flat_map(str::split_whitespace).collect();
        assert_eq!(ratio_line, ["ratio", "50.0x", "50.0x"]);
    }

    #[test]
    fn nothing_done_has_no_ratio() {
        let mut report = Report::default();
        report.add("create", ServerKind::Sluice, Ok(vec![work(10, 10, 0)]));
        report.add("create", ServerKind::Reference, Ok(vec![work(0, 500, 250)]));
        assert_eq!(report.json()["results"][0]["ratio"], json!({ "wall": null, "cpu": null }));
    }

    #[test]
    fn a_failed_scenario_is_reported_beside_the_others() {
        let mut report = Report::default();
        report.add("poll", ServerKind::Reference, Err(Failure::EventStream("closed".to_owned())));
        assert!(report.has_failures());
        assert!(report.table().contains("poll on reference: the event stream failed: closed"));
    }

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let milliseconds =
            |range: std::ops::RangeInclusive<u64>| range.map(Duration::from_millis).collect::<Vec<_>>();
        let cases = [(7..=7, 7, 7), (1..=2, 1, 2), (1..=200, 100, 198)];
        for (latencies, median, p99) in cases {
            let found = percentiles(milliseconds(latencies)).expect("there are latencies");
            assert_eq!((found.median.as_millis(), found.p99.as_millis()), (median, p99));
        }
        assert!(percentiles(Vec::new()).is_none());
    }
}
