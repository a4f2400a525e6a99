//! Histograms of durations as plain counters: to record one is two additions, whatever the number of readers.
//!
//! The exporter's own histograms keep every measurement until somebody reads them, which costs more than most of what
//! is measured here.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use metrics::{Counter, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit};

/// Upper bounds of the buckets, in seconds.
const BOUNDS: [f64; 12] = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// Keeps histograms itself and leaves everything else to `others`.
pub(super) struct HistogramRecorder<R> {
    others: R,
    histograms: Arc<Histograms>,
}

impl<R> HistogramRecorder<R> {
    pub(super) fn new(others: R, histograms: Arc<Histograms>) -> Self {
        Self { others, histograms }
    }
}

impl<R: Recorder> Recorder for HistogramRecorder<R> {
    fn describe_counter(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        self.others.describe_counter(key, unit, description);
    }

    fn describe_gauge(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        self.others.describe_gauge(key, unit, description);
    }

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, metadata: &Metadata<'_>) -> Counter {
        self.others.register_counter(key, metadata)
    }

    fn register_gauge(&self, key: &Key, metadata: &Metadata<'_>) -> Gauge {
        self.others.register_gauge(key, metadata)
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.histograms.of(key))
    }
}

/// All histograms of a process.
#[derive(Debug, Default)]
pub(super) struct Histograms(RwLock<HashMap<Key, Arc<Durations>>>);

impl Histograms {
    fn of(&self, key: &Key) -> Arc<Durations> {
        if let Some(found) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(key) {
            return Arc::clone(found);
        }
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(key.clone()).or_default())
    }

    /// In the text format of Prometheus.
    pub(super) fn render(&self) -> String {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut by_name: BTreeMap<&str, Vec<(String, &Durations)>> = BTreeMap::new();
        for (key, durations) in all.iter() {
            by_name.entry(key.name()).or_default().push((labels(key), durations));
        }
        let mut text = String::new();
        for (name, mut members) in by_name {
            members.sort_by(|(left, _), (right, _)| left.cmp(right));
            // Writing to a String cannot fail.
            let _ = writeln!(text, "# TYPE {name} histogram");
            for (labels, durations) in members {
                durations.render(&mut text, name, &labels);
            }
            text.push('\n');
        }
        text
    }
}

/// `a="1",b="2"`
fn labels(key: &Key) -> String {
    let escaped = |value: &str| value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let labels: Vec<String> =
        key.labels().map(|label| format!("{}=\"{}\"", label.key(), escaped(label.value()))).collect();
    labels.join(",")
}

/// How many measurements fell between two bounds each, and their sum.
#[derive(Debug, Default)]
struct Durations {
    /// The last one is for what is longer than every bound.
    buckets: [AtomicU64; BOUNDS.len() + 1],
    sum_nanoseconds: AtomicU64,
}

impl HistogramFn for Durations {
    fn record(&self, seconds: f64) {
        let bucket = BOUNDS.iter().position(|bound| seconds <= *bound).unwrap_or(BOUNDS.len());
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a cast of a float saturates"
        )]
        self.sum_nanoseconds.fetch_add((seconds * 1e9) as u64, Ordering::Relaxed);
    }
}

impl Durations {
    fn render(&self, text: &mut String, name: &str, labels: &str) {
        let separator = if labels.is_empty() { "" } else { "," };
        let mut count = 0;
        for (position, bucket) in self.buckets.iter().enumerate() {
            count += bucket.load(Ordering::Relaxed);
            let bound = BOUNDS.get(position).map_or_else(|| "+Inf".to_owned(), f64::to_string);
            let _ = writeln!(text, "{name}_bucket{{{labels}{separator}le=\"{bound}\"}} {count}");
        }
        let braces = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
        #[expect(clippy::cast_precision_loss, reason = "a sum of seconds needs no exact nanoseconds")]
        let sum = self.sum_nanoseconds.load(Ordering::Relaxed) as f64 / 1e9;
        let _ = writeln!(text, "{name}_sum{braces} {sum}");
        let _ = writeln!(text, "{name}_count{braces} {count}");
    }
}

#[cfg(test)]
mod tests {
    use metrics::{HistogramFn, Key, Label};

    use super::Histograms;

    #[test]
    fn durations_are_counted_up_to_each_bound() {
        let histograms = Histograms::default();
        let key = Key::from_parts("wait_seconds", vec![Label::new("route", "a \"b\"\\")]);
        for seconds in [0.0001, 0.001, 0.3, 60.0] {
            histograms.of(&key).record(seconds);
        }
        histograms.of(&Key::from_name("plain_seconds")).record(2.0);
        let text = histograms.render();
        for expected in [
            "# TYPE wait_seconds histogram\n",
            "wait_seconds_bucket{route=\"a \\\"b\\\"\\\\\",le=\"0.0005\"} 1\n",
            "wait_seconds_bucket{route=\"a \\\"b\\\"\\\\\",le=\"0.001\"} 2\n",
            "wait_seconds_bucket{route=\"a \\\"b\\\"\\\\\",le=\"0.25\"} 2\n",
            "wait_seconds_bucket{route=\"a \\\"b\\\"\\\\\",le=\"5\"} 3\n",
            "wait_seconds_bucket{route=\"a \\\"b\\\"\\\\\",le=\"+Inf\"} 4\n",
            "wait_seconds_sum{route=\"a \\\"b\\\"\\\\\"} 60.3011\n",
            "wait_seconds_count{route=\"a \\\"b\\\"\\\\\"} 4\n",
            "plain_seconds_bucket{le=\"1\"} 0\n",
            "plain_seconds_sum 2\n",
            "plain_seconds_count 1\n",
        ] {
            assert!(text.contains(expected), "{expected} in {text}");
        }
    }
}
